// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Build } from '#contract/build.js';
import type { JobComparison } from '#contract/comparison.js';
import type { Job, JobPlan } from '#contract/job.js';
import type { Target } from '#contract/qemu.js';
import type { RunResult, Sample, SampleKind } from '#contract/sample.js';
import { shownVariant } from '#contract/side.js';
import { WorkloadDefinition } from '#contract/workload.js';
import type { TraceSource } from '#domain/trace/trace-reader.js';
import type { NewProfile } from '#store/profiles.js';
import type { Prepared } from '#worker/build/build-job.js';
import type { ContainerSpec } from '#worker/engine/engine.js';
import type { JobContext, NewSample, Results } from '#worker/job/job-context.js';
import { RUN_PATHS } from '#worker/measure/command.js';
import { guestCounter } from '#worker/measure/instructions.js';
import { measureJob } from '#worker/measure/measure-job.js';
import { testContext } from '#support/context.js';
import { FAKE_EVENT, fakeBackend, runsEmulator } from '#support/fake-backend.js';

/** A run from the engine's point of view. */
export interface EngineRun {
  /** Name with its side. */
  readonly variant: string;
  /** Label of the workload. */
  readonly workload: string;
  /** Null for the build's first link. */
  readonly link: number | null;
  /** Value of the size parameter. */
  readonly value: number;
  /** Program that wraps QEMU, or null. */
  readonly wrapper: string | null;
}

/** Stored state of a job, across its attempts. */
export class StoredJob implements Results {
  readonly stored: Sample[] = [];
  readonly progress: JobComparison['progress'][] = [];
  readonly profiles: NewProfile[] = [];
  blocksDone = 0;
  /** Number of a block that cannot be stored. */
  lostBlock: number | null = null;
  suspects = false;

  async build(): Promise<void> {}
  async host(): Promise<void> {}
  async measuring(): Promise<void> {}
  async noise(): Promise<void> {}

  async samples(kind: SampleKind): Promise<Sample[]> {
    return this.stored.filter((sample) => sample.kind === kind);
  }

  async restart(discarded: number | 'instructions'): Promise<void> {
    const goes = ({ kind, block }: Sample) =>
      discarded === 'instructions'
        ? kind === 'instructions'
        : kind === 'timed' && block === discarded;
    this.stored.splice(0, Infinity, ...this.stored.filter((sample) => !goes(sample)));
  }

  async traced(sample: NewSample, { reader }: TraceSource): Promise<void> {
    let step = await reader.next();
    while (step.done !== true) step = await reader.next();
    this.#add(sample, `trace of ${step.value.records} records`);
  }

  async block(kind: SampleKind, block: number, samples: readonly NewSample[]): Promise<void> {
    if (block === this.lostBlock) throw new Error('the block is lost');
    for (const sample of samples) this.#add(sample, null);
    if (kind === 'timed') this.blocksDone = Math.max(this.blocksDone, block);
  }

  async compiled(): Promise<void> {}

  async profiled(profile: NewProfile): Promise<void> {
    this.profiles.push(profile);
  }

  progressed(_: number, progress: JobComparison['progress']): void {
    this.progress.push(progress);
  }

  async suspectsRegression(): Promise<boolean> {
    return this.suspects;
  }

  #add(sample: NewSample, traceId: string | null): void {
    this.stored.push({ ...sample, id: String(this.stored.length), traceId });
  }
}

export interface FakeAttempt {
  readonly target?: Target;
  readonly instructions?: boolean;
  /** File of callgrind that profiled runs write; undefined: the job asks for no profile. */
  readonly profile?: string;
  /** Duration of a run; 1 ms by default. */
  readonly wallMs?: (run: EngineRun) => number;
  /** Other fields of the runner's report. */
  readonly result?: (run: EngineRun) => Partial<RunResult>;
  readonly output?: (run: EngineRun) => string;
  /** Number of the attempt's run, from 1, during which the worker dies. */
  readonly killedInRun?: number;
}

/** Actions of one attempt. */
export interface Attempt {
  /** All runs, including size searches, which come first. */
  readonly runs: readonly EngineRun[];
  readonly log: string;
  /** Reason of an early end; null for a normal end. */
  readonly error: unknown;
  /** Leftover containers and volumes. */
  readonly left: readonly string[];
}

const PARAMETERS = ['{n}'];

/** Measures a job on an engine that runs nothing, from its stored state to its end. */
export async function attempt(
  plan: JobPlan,
  job: StoredJob,
  {
    target = 'x86_64-softmmu',
    instructions = false,
    profile,
    wallMs = () => 1,
    result = () => ({}),
    output = () => '',
    killedInRun,
  }: FakeAttempt = {},
): Promise<Attempt> {
  const runs: EngineRun[] = [];
  const stop = new AbortController();
  const backend = fakeBackend({
    exitStatus: 0,
    ...(profile === undefined ? {} : { profile }),
    output: (spec) => (runsEmulator(spec) ? output(engineRun(spec)) : ''),
    result(spec) {
      if (!runsEmulator(spec)) return {};
      const run = engineRun(spec);
      runs.push(run);
      if (runs.length === killedInRun) stop.abort(new Error('the worker is killed'));
      return { wallNs: String(Math.round(wallMs(run) * 1e6)), ...result(run) };
    },
  });
  const labels = { 'qibench.job': 'fake' };
  const base = testContext(process.cwd(), labels);
  let log = '';
  const progress = { ...base.progress, log: (_: unknown, text: string) => void (log += text) };
  const lockFolder = mkdtempSync(join(tmpdir(), 'qibench-fake-'));
  const context: JobContext = {
    context: { ...base, backend, progress, lockFolder, signal: stop.signal },
    job: {
      plan,
      request: { qemu: { version: '7.2', target }, instructions, profile: profile !== undefined },
      blocksDone: job.blocksDone,
    } as Job,
    workloads: plan.workloads.map(({ name }) =>
      WorkloadDefinition.parse({
        name,
        summary: '',
        targets: [target],
        run: { arguments: PARAMETERS, exitStatus: 0, timeoutSeconds: 5 },
      }),
    ),
    uploads: new Map(),
    openUpload: () => Promise.reject(new Error('no workload is uploaded')),
    sourceHosts: [],
    host: { cpuset: '2-5', fifoPriority: null, knobs: async () => [], lockFolder },
    traceMaxBytes: 1024 ** 3,
    results: job,
  };
  try {
    const error: unknown = await measureJob(context, preparedOf(plan, target)).then(
      () => null,
      (reason: unknown) => reason,
    );
    return { runs, log, error, left: backend.left() };
  } finally {
    rmSync(lockFolder, { recursive: true });
  }
}

/** Names volumes after their content. */
function preparedOf(plan: JobPlan, target: Target): Prepared {
  const variants = [...plan.variants, guestCounter('head'), guestCounter('base')];
  return {
    variants: new Map(
      variants.map((variant) => {
        const name = shownVariant(variant);
        return [
          name,
          {
            recipe: {
              qemu: { version: '7.2', target, patches: null },
              events: [FAKE_EVENT],
              instrumentation: null,
            },
            build: { key: name, image: 'build', links: 16 } as Build,
            volume: name,
            toolchain: 'toolchain',
            tracer: null,
          },
        ];
      }),
    ),
    workloadVolumes: new Map(plan.workloads.map(({ label }) => [label, label])),
    environments: [],
  };
}

function engineRun({ command, mounts }: ContainerSpec): EngineRun {
  const volumeAt = (at: string) => mounts!.find(({ path }) => path === at)!.volume;
  const emulator = command.findIndex((word) => word.startsWith('/opt/qemu/bin/'));
  const link = /\.(\d+)$/.exec(command[emulator]!)?.[1];
  return {
    variant: volumeAt(RUN_PATHS.instrumentation),
    workload: volumeAt(RUN_PATHS.workload),
    link: link === undefined ? null : Number(link),
    value: Number(command.at(-1)),
    wrapper: emulator === 1 ? null : command[1]!,
  };
}
