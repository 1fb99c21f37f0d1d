import type { Build } from '../services/contract/build.js';
import { QibenchError } from '../services/contract/error.js';
import type { HostFingerprint, KnobReport } from '../services/contract/host.js';
import type { Job, PlannedWorkload } from '../services/contract/job.js';
import type { Sample } from '../services/contract/sample.js';
import { shownVariant } from '../services/contract/side.js';
import type { Variant } from '../services/contract/variant.js';
import type { WorkloadDefinition } from '../services/contract/workload.js';
import { batchOf, blocksOfBatch } from '../services/domain/batches.js';
import { WARM_UP_BLOCK, blockOrder, type BlockRun } from '../services/domain/blocks.js';
import { baselineOf } from '../services/domain/comparison.js';
import type { TraceReader } from '../services/domain/trace-batch.js';
import type { BuildContext } from './build/context.js';
import type { UploadedFolder } from './build/tar.js';
import { openTrace } from './collect/open-trace.js';
import { TraceFormatError } from './collect/simpletrace.js';
import { fingerprintHost } from './host/fingerprint.js';
import { withHost } from './host/lock.js';
import { waitForHost } from './host/wait.js';
import { definitionOf, prepare, type Prepared } from './prepare.js';
import { COUNT_REPETITIONS, countInstructions, isGuestCounter, type Count } from './run/instructions.js';
import { measure, type Measured, type RunRequest } from './run/measure.js';

/** What a sample is before the store gives it an id. */
export type NewSample = Omit<Sample, 'id' | 'traceId'>;

/** Where the execution of a job leaves what it found; every write is fenced by the job's epoch. */
export interface Results {
  build(build: Build): Promise<void>;
  host(fingerprint: HostFingerprint): Promise<void>;
  measuring(): Promise<void>;
  /** Forget the samples of a block that did not end: a block is evidence as a whole. */
  restartBlock(block: number | 'instructions'): Promise<void>;
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
  readonly host: MeasuringHost;
  /** Prefix of the job's volumes. */
  readonly volumePrefix: string;
  readonly results: Results;
}

/** How this worker measures. */
export interface MeasuringHost {
  /** CPUs that measured containers are pinned to, in list syntax. */
  readonly cpuset: string;
  /** Looks at them anew: somebody may have turned one. */
  readonly knobs: () => Promise<readonly KnobReport[]>;
  /** Folder of the lock that keeps builds and measuring apart, for all workers of the host. */
  readonly lockFolder: string;
}

interface Measuring extends Prepared {
  readonly hostFingerprint: string;
}

/** Do a job: build everything, then measure block by block, from where an earlier attempt ended. No build runs on the host meanwhile. */
export async function execute(execution: Execution): Promise<void> {
  const prepared = await withHost(waitForHost(execution.context, execution.host.lockFolder, 'build'), () => prepare(execution));
  await withHost(waitForHost(execution.context, execution.host.lockFolder, 'measure'), () => measureAll(execution, prepared));
}

/** Whether there is a second batch depends on the stored samples of the first alone, so every attempt decides alike. */
async function measureAll(execution: Execution, built: Prepared): Promise<void> {
  const { context, host, job, results } = execution;
  const fingerprint = await fingerprintHost(context.backend, { cpuset: host.cpuset, knobs: await host.knobs(), environments: built.environments });
  await results.host(fingerprint);
  const prepared = { ...built, hostFingerprint: fingerprint.digest };
  await results.measuring();
  const counted = await measureBlocks(execution, prepared, [WARM_UP_BLOCK, ...remaining(job, 1)]);
  if (job.plan.batches > 1 && (await results.suspectsRegression())) await measureBlocks(execution, prepared, remaining(job, 2));
  if (job.request.instructions === true) await count(execution, prepared, counted);
}

function remaining({ plan, blocksDone }: Job, batch: number): number[] {
  return blocksOfBatch(plan, batch).filter((block) => block > blocksDone);
}

/** True if the hardware counted instructions. */
async function measureBlocks(execution: Execution, prepared: Measuring, blocks: readonly number[]): Promise<boolean> {
  const { job, results } = execution;
  let counted = false;
  for (const block of blocks) {
    await results.restartBlock(block);
    for (const run of blockOrder(job.plan, block)) counted = (await runOnce(execution, prepared, block, run)) || counted;
    await results.blockDone(block);
  }
  return counted;
}

/** Runs that count instructions, and are never timed. */
async function count(execution: Execution, prepared: Measuring, counted: boolean): Promise<void> {
  const { context, job, results } = execution;
  await results.restartBlock('instructions');
  await countInstructions({
    context,
    plan: job.plan,
    target: job.request.qemu.target,
    counted,
    run: (variant, workload, changes) => runVariant(execution, prepared, { variant, workload, changes }, async (_, measured) => measured),
    async record({ repetition, position, variant, workload, measured, hostInstructions, guestInstructions }: Count) {
      const sample = toSample(prepared, { variant, workload: workload.label, batch: 1, block: repetition, position, measured });
      // The guest's instructions are the baseline's of the side: it runs the same build.
      const counts = { kind: 'instructions' as const, hostInstructions, guestInstructions, ...(isGuestCounter(variant) ? { variant: baselineOf(job.plan) } : {}) };
      await results.sample({ ...sample, ...counts }, COUNT_REPETITIONS, null);
    },
  });
}

/** True if the hardware counted instructions. */
async function runOnce(execution: Execution, prepared: Measuring, block: number, run: BlockRun): Promise<boolean> {
  const { context, job } = execution;
  const variant = job.plan.variants.find(({ name, side }) => name === run.variant && side === run.side)!;
  const workload = job.plan.workloads.find(({ label }) => label === run.workload)!;
  const { build, side } = prepared.variants.get(shownVariant(variant))!;
  return runVariant(execution, prepared, { variant, workload }, async (container, measured) => {
    const stored = variant.trace && block !== WARM_UP_BLOCK;
    const sample = toSample(prepared, { variant, workload: run.workload, batch: batchOf(job.plan, block), block, position: run.position, measured });
    try {
      const trace = stored ? await openTrace(context, container, build, side.events) : null;
      await execution.results.sample(sample, sample.batch * job.plan.blocks, trace);
    } catch (error) {
      if (!(error instanceof TraceFormatError)) throw error;
      throw new QibenchError('BAD_TRACE', { workload: run.workload, variant: shownVariant(variant), reason: error.message }, { cause: error });
    }
    return measured.result.hostInstructions !== null;
  });
}

async function runVariant<T>(
  execution: Execution,
  prepared: Prepared,
  { variant, workload, changes }: { variant: Variant; workload: PlannedWorkload; changes?: Partial<RunRequest> },
  afterwards: (container: string, measured: Measured) => Promise<T>,
): Promise<T> {
  const { context } = execution;
  const { side, build, volume } = prepared.variants.get(shownVariant(variant))!;
  const outputVolume = variant.mode === 'backend' || variant.trace ? `${execution.volumePrefix}-output` : null;
  if (outputVolume !== null) await context.backend.createVolume(outputVolume, context.labels);
  try {
    const request = {
      target: side.qemu.target,
      variant,
      workload,
      definition: definitionOf(execution, workload),
      image: build.image,
      workloadVolume: prepared.workloadVolumes.get(workload.label)!,
      instrumentationVolume: volume,
      outputVolume,
      cpuset: execution.host.cpuset,
      ...changes,
    };
    return await measure(context, request, afterwards);
  } finally {
    if (outputVolume !== null) await context.backend.removeVolume(outputVolume);
  }
}

interface Run extends Pick<NewSample, 'workload' | 'batch' | 'block' | 'position'> {
  readonly variant: Variant;
  readonly measured: Measured;
}

function toSample(prepared: Measuring, { variant, measured, ...place }: Run): NewSample {
  const { result } = measured;
  return {
    kind: 'timed',
    variant: variant.name,
    side: variant.side,
    ...place,
    wallNs: result.wallNs,
    userNs: result.userNs,
    systemNs: result.systemNs,
    maxRssBytes: result.maxRssBytes,
    exitStatus: result.exitStatus,
    metrics: measured.metrics,
    events: measured.events,
    hostInstructions: result.hostInstructions,
    guestInstructions: null,
    noise: measured.noise,
    recordsStored: null,
    recordsDropped: null,
    hostFingerprint: prepared.hostFingerprint,
    buildKey: prepared.variants.get(shownVariant(variant))!.build.key,
    startedAt: measured.startedAt,
  };
}
