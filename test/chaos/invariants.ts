// SPDX-License-Identifier: GPL-2.0-or-later
import { readdirSync } from 'node:fs';
import type { ErrorBody } from '#contract/error.js';
import { ENDED_STATES, JobPlan, type JobState } from '#contract/job.js';
import { scheduleBlock, WARM_UP_BLOCK } from '#domain/schedule.js';
import { EXPECTED, type ChaosJob } from './jobs.js';
import { PIN } from './own-docker.js';
import type { Stack } from './stack.js';

/** Containers and files may still be disappearing right after a job's end. */
const CLEAN_LIMIT_MS = 45_000;

interface Ended {
  readonly state: JobState;
  readonly error: ErrorBody | null;
  readonly epoch: number;
  readonly blocks_done: number;
  readonly plan: JobPlan;
}

/** Checks the invariants after a round. Returns a sentence per broken one. */
export async function brokenInvariants(stack: Stack, jobs: readonly ChaosJob[]): Promise<string[]> {
  const broken: string[] = [];
  for (const job of jobs)
    broken.push(...(await brokenInJob(stack, job)).map((rule) => `${job.kind} ${job.id}: ${rule}`));
  broken.push(...(await leftovers(stack)));
  return broken;
}

async function brokenInJob(stack: Stack, { id, kind, writes }: ChaosJob): Promise<string[]> {
  const broken: string[] = [];
  const rule = (holds: boolean, sentence: string) => void (holds || broken.push(sentence));
  const [job] = await stack.query<Ended>(
    `SELECT state, error, epoch, blocks_done, plan FROM job WHERE id = $1`,
    [id],
  );
  if (job === undefined) return ['an accepted job is missing'];
  const expected = EXPECTED[kind];
  rule(ENDED_STATES.includes(job.state), `has not ended: ${job.state}`);
  rule(
    job.state === expected.state && (job.error?.code ?? null) === expected.code,
    `ended ${job.state} (${job.error?.code ?? 'no error'}: ${job.error?.message ?? ''}) ` +
      `after ${job.epoch} attempts, not ${expected.state} (${expected.code ?? 'no error'})`,
  );

  const [events] = await stack.query<{ endings: number; gaps: boolean }>(
    `SELECT count(*) FILTER (WHERE body->>'state' IN ('succeeded', 'failed', ` +
      `'cancelled'))::int AS endings, count(*) <> max(sequence) AS gaps FROM job_event WHERE ` +
      `job_id = $1`,
    [id],
  );
  rule(events!.endings === 1, `ended ${events!.endings} times`);
  rule(!events!.gaps, 'its events have gaps');
  if (expected.state !== 'succeeded') return broken;

  const [samples] = await stack.query<{
    all: number;
    distinct: number;
    traced: number;
    wrong: number;
  }>(
    `SELECT count(*)::int AS all, count(DISTINCT (block, position))::int AS distinct,
       count(*) FILTER (
         WHERE variant LIKE 'backend%' AND size = 'full' AND block > 0
       )::int AS traced,
       count(*) FILTER (
         WHERE variant LIKE 'backend%' AND size = 'full' AND block > 0
           AND coalesce(records_stored + records_dropped, -1) <> $2
       )::int AS wrong
     FROM sample WHERE job_id = $1 AND kind = 'timed'`,
    [id, writes + 1],
  );
  const plan = JobPlan.parse(job.plan);
  let runs = 0;
  for (let block = WARM_UP_BLOCK; block <= plan.blocks; block += 1)
    runs += scheduleBlock(plan, block).length;
  rule(
    samples!.all === runs && job.blocks_done === plan.blocks,
    `has ${samples!.all} samples of ${runs} and ${job.blocks_done} blocks of ${plan.blocks}`,
  );
  rule(samples!.all === samples!.distinct, 'has a duplicate sample');
  rule(
    samples!.wrong === 0,
    `${samples!.wrong} samples have fewer or more records than fired events`,
  );
  const [traces] = await stack.query<{ all: number; samples: number; wrong: number }>(
    `SELECT count(*)::int AS all, count(DISTINCT sample_id)::int AS samples,
       count(*) FILTER (WHERE trace.stored <> (
         SELECT coalesce(sum(record_count), 0) FROM trace_chunk WHERE trace_id = trace.id
       ))::int AS wrong
     FROM trace WHERE job_id = $1`,
    [id],
  );
  rule(
    traces!.all === samples!.traced && traces!.samples === samples!.traced,
    `has ${traces!.all} traces of ${traces!.samples} samples for ${samples!.traced} traced ones`,
  );
  rule(traces!.wrong === 0, `${traces!.wrong} traces lack records that they claim`);
  return broken;
}

/** Waits, up to a limit, until all leftovers are gone. Returns the remaining ones. */
async function leftovers(stack: Stack): Promise<string[]> {
  const deadlineMs = performance.now() + CLEAN_LIMIT_MS;
  for (;;) {
    const left = await look(stack);
    if (left.length === 0 || performance.now() > deadlineMs) return left;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function look(stack: Stack): Promise<string[]> {
  const ours = new Set(
    (await stack.query<{ id: string }>('SELECT id FROM job')).map(({ id }) => id),
  );
  const lines = (...command: string[]) =>
    stack
      .docker(...command)
      .split('\n')
      .filter((line) => line !== '');
  const ofOurs = (line: string) => ours.has(line.split(' ')[0]!);
  const found = [
    ...lines(
      'ps',
      '-a',
      '--filter',
      'label=qibench.job',
      '--format',
      '{{.Label "qibench.job"}} {{.ID}} {{.Status}} {{.Command}}',
    )
      .filter(ofOurs)
      .map((line) => `container is left over: ${line}`),
    ...lines(
      'volume',
      'ls',
      '--filter',
      'label=qibench.job',
      '--format',
      '{{.Label "qibench.job"}} {{.Name}}',
    )
      .filter(ofOurs)
      .map((line) => `volume is left over: ${line}`),
    ...readdirSync(stack.tmpFolder)
      .filter((name) => name.startsWith('qibench'))
      .map((name) => `temporary file is left over: ${name}`),
  ];
  if (stack.ownDocker === null) return found;
  return [
    ...found,
    ...lines('ps', '-a', '--format', '{{.Names}} {{.Status}}')
      .filter((line) => !line.startsWith(PIN))
      .map((line) => `container is left over: ${line}`),
    ...lines('images', '-q', '--filter', 'dangling=true').map(
      (line) => `unnamed image is left over: ${line}`,
    ),
  ];
}
