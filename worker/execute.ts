import { Readable } from 'node:stream';
import tar from 'tar-stream';
import type { Build } from '../services/contract/build.js';
import { QibenchError } from '../services/contract/error.js';
import type { Job, JobPlan, PlannedWorkload } from '../services/contract/job.js';
import type { Sample } from '../services/contract/sample.js';
import type { WorkloadDefinition } from '../services/contract/workload.js';
import { shownVariant } from '../services/contract/side.js';
import { batchOf, blocksOfBatch } from '../services/domain/batches.js';
import { WARM_UP_BLOCK, blockOrder, type BlockRun } from '../services/domain/blocks.js';
import type { TraceReader } from '../services/domain/trace-batch.js';
import type { BuildContext } from './build/context.js';
import { fileFromTar, type UploadedFolder } from './build/tar.js';
import { TraceFormatError, readSimpleTrace } from './collect/simpletrace.js';
import { parseTraceEvents, type DeclaredEvent } from './collect/trace-events.js';
import { definitionOf, prepare, type Prepared } from './prepare.js';
import { RUN_PATHS } from './run/command.js';
import { measure, type Measured } from './run/measure.js';

/** What a sample is before the store gives it an id. */
export type NewSample = Omit<Sample, 'id' | 'traceId'>;

/** Where the execution of a job leaves what it found; every write is fenced by the job's epoch. */
export interface Results {
  build(build: Build): Promise<void>;
  measuring(): Promise<void>;
  /** Forget the samples of a block that did not end: a block is evidence as a whole. */
  restartBlock(block: number): Promise<void>;
  sample(sample: NewSample, blocks: number, trace: TraceReader | null): Promise<void>;
  blockDone(block: number): Promise<void>;
  /** Whether the samples of the first batch call a regression that a second one has to confirm. */
  suspectsRegression(): Promise<boolean>;
}

export interface Execution {
  readonly context: BuildContext;
  readonly job: Job;
  readonly workloads: readonly WorkloadDefinition[];
  /** What the job names, by digest. */
  readonly uploads: ReadonlyMap<string, UploadedFolder>;
  readonly hostFingerprint: string;
  /** Prefix of the job's volumes. */
  readonly volumePrefix: string;
  readonly results: Results;
}

/**
 * Do a job: build everything, then measure block by block, from where an earlier attempt ended. Whether there is a
 * second batch depends on the stored samples of the first alone, so every attempt decides alike.
 */
export async function execute(execution: Execution): Promise<void> {
  const prepared = await prepare(execution);
  const { job, results } = execution;
  await results.measuring();
  await measureBlocks(execution, prepared, [WARM_UP_BLOCK, ...remaining(job, 1)]);
  if (job.plan.batches > 1 && (await results.suspectsRegression())) await measureBlocks(execution, prepared, remaining(job, 2));
}

function remaining({ plan, blocksDone }: Job, batch: number): number[] {
  return blocksOfBatch(plan, batch).filter((block) => block > blocksDone);
}

async function measureBlocks(execution: Execution, prepared: Prepared, blocks: readonly number[]): Promise<void> {
  const { job, results } = execution;
  for (const block of blocks) {
    await results.restartBlock(block);
    for (const run of blockOrder(job.plan, block)) await runOnce(execution, prepared, block, run);
    await results.blockDone(block);
  }
}

async function runOnce(execution: Execution, prepared: Prepared, block: number, run: BlockRun): Promise<void> {
  const { context, job } = execution;
  const variant = job.plan.variants.find(({ name, side }) => name === run.variant && side === run.side)!;
  const ready = prepared.variants.get(shownVariant(variant))!;
  const workload = plannedWorkload(job.plan, run.workload);
  const { build } = ready;
  const outputVolume = variant.mode === 'backend' || variant.trace ? `${execution.volumePrefix}-output` : null;
  if (outputVolume !== null) await context.backend.createVolume(outputVolume, context.labels);
  try {
    const request = {
      target: ready.side.qemu.target,
      variant,
      workload,
      definition: definitionOf(execution, workload),
      image: build.image,
      workloadVolume: prepared.workloadVolumes.get(run.workload)!,
      instrumentationVolume: ready.volume,
      outputVolume,
    };
    await measure(context, request, async (container, measured) => {
      const stored = variant.trace && block !== WARM_UP_BLOCK;
      const sample = toSample(execution, { block, run, build, measured });
      try {
        const trace = stored ? await openTrace(context, container, build, ready.side.events) : null;
        await execution.results.sample(sample, sample.batch * job.plan.blocks, trace);
      } catch (error) {
        if (!(error instanceof TraceFormatError)) throw error;
        throw new QibenchError('BAD_TRACE', { workload: run.workload, variant: shownVariant(variant), reason: error.message }, { cause: error });
      }
    });
  } finally {
    if (outputVolume !== null) await context.backend.removeVolume(outputVolume);
  }
}

function toSample(execution: Execution, of: { block: number; run: BlockRun; build: Build; measured: Measured }): NewSample {
  const { block, run, build, measured } = of;
  const { result } = measured;
  return {
    variant: run.variant,
    side: run.side,
    workload: run.workload,
    batch: batchOf(execution.job.plan, block),
    block,
    position: run.position,
    wallNs: result.wallNs,
    userNs: result.userNs,
    systemNs: result.systemNs,
    maxRssBytes: result.maxRssBytes,
    exitStatus: result.exitStatus,
    metrics: measured.metrics,
    events: measured.events,
    recordsStored: null,
    recordsDropped: null,
    hostFingerprint: execution.hostFingerprint,
    buildKey: build.key,
    startedAt: measured.startedAt,
  };
}

const declaredEvents = new Map<string, readonly DeclaredEvent[]>();

/** The trace that a run left, read with the event list of the very build that wrote it. */
async function openTrace(context: BuildContext, container: string, build: Build, names: readonly string[]): Promise<TraceReader> {
  let events = declaredEvents.get(build.key);
  if (events === undefined) {
    const file = await fileFromTar(await context.backend.copyOut(container, '/opt/qemu/share/qemu/trace-events-all'), 'trace-events-all', 16 * 1024 * 1024);
    if (file === null) throw new QibenchError('INTERNAL', { reason: `build ${build.key} has no trace-events-all` });
    events = parseTraceEvents(file.content.toString('utf8'));
    declaredEvents.set(build.key, events);
  }
  const wanted = new Set(names);
  const file = await context.backend.copyOut(container, RUN_PATHS.trace).catch((error: unknown) => {
    if (error instanceof QibenchError && error.code === 'NOT_FOUND') throw new TraceFormatError(`the run left no ${RUN_PATHS.trace}`, 0);
    throw error;
  });
  return readSimpleTrace(firstFile(file), events.filter(({ name }) => wanted.has(name)));
}

/** The bytes of the one regular file of a tar, as they arrive. */
async function* firstFile(stream: Readable): AsyncGenerator<Uint8Array> {
  const extract = tar.extract();
  stream.on('error', (error) => extract.destroy(error));
  stream.pipe(extract);
  for await (const entry of extract) {
    if (entry.header.type === 'file') yield* entry as AsyncIterable<Uint8Array>;
    else entry.resume();
  }
}

function plannedWorkload(plan: JobPlan, label: string): PlannedWorkload {
  return plan.workloads.find((workload) => workload.label === label)!;
}
