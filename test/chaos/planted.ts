// SPDX-License-Identifier: GPL-2.0-or-later
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobKind } from './jobs.js';
import { runPlan } from './round.js';
import { startStack } from './stack.js';
import type { Step } from './steps.js';

/** Shorter than a round's limit: with a planted mistake a longer wait finds nothing more. */
const END_LIMIT_MS = 75_000;
const TRIES = 3;

/** A mistake in the compiled service, and a fault that exposes it. */
interface Mistake {
  readonly name: string;
  /** Edits of files below dist/: `from` occurs once in the file and is replaced by `to`. */
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
  readonly kind: JobKind;
  readonly fault: string;
  readonly step: Step;
}

const MISTAKES: readonly Mistake[] = [
  {
    name: 'the relay marks rows that it has not announced, and no worker polls',
    edits: [
      {
        file: 'services/queue/queue.js',
        from: 'await queue.addBulk(',
        to: 'if (announcements.length < 0) await queue.addBulk(',
      },
      { file: 'worker/job/job-poller.js', from: 'if (looking === 0)', to: 'if (looking < 0)' },
    ],
    kind: 'plain',
    fault: 'API stopped for a moment',
    step: 'accepted',
  },
  {
    name: 'samples of a repeated block stay',
    edits: [
      {
        file: 'services/store/samples.js',
        from: 'WHERE sample.job_id = $1',
        to: 'WHERE false AND sample.job_id = $1',
      },
    ],
    kind: 'measured',
    fault: 'worker killed',
    step: 'running',
  },
  {
    name: 'traces of a repeated block stay, with their old samples',
    edits: [
      {
        file: 'services/store/samples.js',
        from: 'DELETE FROM sample',
        to: "UPDATE sample SET workload = workload || '?'",
      },
      { file: 'services/store/samples.js', from: 'USING job', to: 'FROM job' },
    ],
    kind: 'traced',
    fault: 'worker killed',
    step: 'ingesting',
  },
  {
    name: 'leftovers of an ended attempt stay',
    edits: [
      {
        file: 'worker/engine/orphan-sweeper.js',
        from: 'const over = await endedAttempts',
        to: 'const over = [] ?? await endedAttempts',
      },
      {
        file: 'worker/job/job-runner.js',
        from: 'await backend.sweep({ [LABEL.job]: job.id });',
        to: '',
      },
    ],
    kind: 'measured',
    fault: 'worker killed',
    step: 'running',
  },
  {
    name: 'a worker that has lost its job continues to write',
    edits: [
      {
        file: 'services/store/samples.js',
        from: 'AND epoch = ${epoch} FOR SHARE',
        to: 'AND epoch >= ${epoch} FOR SHARE',
      },
      {
        file: 'services/store/samples.js',
        from: 'AND epoch = ${epoch} RETURNING 1',
        to: 'AND epoch >= ${epoch} RETURNING 1',
      },
      { file: 'worker/job/job-runner.js', from: 'if (!held)', to: 'if (false)' },
      { file: 'services/store/jobs.js', from: 'machine.epoch !== epoch ||', to: '' },
      { file: 'services/store/events.js', from: 'OR epoch = $2)', to: 'OR epoch >= $2)' },
    ],
    kind: 'measured',
    fault: 'worker blocked beyond its lease',
    step: 'running',
  },
  {
    name: 'a job cancelled just before its end succeeds',
    edits: [
      { file: 'services/domain/job-state.js', from: 'if (job.cancelRequested ||', to: 'if (' },
    ],
    kind: 'cancelled',
    fault: 'API stopped for a moment',
    step: 'accepted',
  },
];

/**
 * Runs the service with each mistake whose name contains `part`. Returns true if every one was
 * found.
 */
export async function findPlanted(
  rootDir: string,
  part: string,
  stopping: () => boolean,
): Promise<boolean> {
  let all = true;
  for (const mistake of MISTAKES.filter(({ name }) => name.includes(part))) {
    if (stopping()) return false;
    const found = await find(rootDir, mistake);
    all &&= found !== null;
    console.log(
      `${found === null ? 'NOT FOUND' : 'found'}: ${mistake.name} (${mistake.fault} @ ` +
        `${mistake.step})${found === null ? '' : `\n    ${found}`}`,
    );
  }
  return all;
}

/** Returns the first invariant that the mistake breaks. */
async function find(rootDir: string, mistake: Mistake): Promise<string | null> {
  const programs = plant(rootDir, mistake);
  const stack = await startStack(rootDir, null, programs);
  try {
    for (let seed = 1; seed <= TRIES; seed += 1) {
      const strikes = mistake.fault
        .split(' and ')
        .map((fault) => ({ fault, step: mistake.step, block: 2, pauseMs: 500, job: 0 }));
      const { broken } = await runPlan(
        stack,
        rootDir,
        seed,
        { kinds: [mistake.kind], cancelAt: 'finishing', strikes },
        END_LIMIT_MS,
      );
      if (broken[0] !== undefined) return broken[0];
    }
    return null;
  } finally {
    await stack.stop();
    rmSync(programs, { recursive: true, force: true });
  }
}

/** Copies the compiled service and plants a mistake in the copy. */
function plant(rootDir: string, { edits }: Mistake): string {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-planted-'));
  cpSync(join(rootDir, 'dist'), join(folder, 'dist'), { recursive: true });
  for (const name of ['node_modules', 'package.json'])
    symlinkSync(join(rootDir, name), join(folder, name));
  for (const { file, from, to } of edits) {
    const path = join(folder, 'dist', file);
    const text = readFileSync(path, 'utf8');
    if (text.split(from).length !== 2)
      throw new Error(
        `"${from}" must occur exactly once in dist/${file}: update the planted mistake`,
      );
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  return folder;
}
