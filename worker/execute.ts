import type { Build } from '../services/contract/build.js';
import { QibenchError } from '../services/contract/error.js';
import type { EnvironmentFacts, HostFingerprint, KnobReport } from '../services/contract/host.js';
import type { Job, JobPlan, PlannedWorkload } from '../services/contract/job.js';
import type { Sample } from '../services/contract/sample.js';
import type { Variant } from '../services/contract/variant.js';
import type { WorkloadDefinition } from '../services/contract/workload.js';
import { baselineOf } from '../services/domain/comparison.js';
import { WARM_UP_BLOCK, blockOrder, type BlockRun } from '../services/domain/blocks.js';
import type { TraceReader } from '../services/domain/trace-batch.js';
import type { BuildContext } from './build/context.js';
import { runFiles } from './build/run-files.js';
import { packFiles, type UploadedFolder } from './build/tar.js';
import { buildVariant } from './build/variant.js';
import { buildWorkload, fillVolume, volumeFromImage } from './build/workload.js';
import { openTrace } from './collect/open-trace.js';
import { TraceFormatError } from './collect/simpletrace.js';
import { environmentFacts } from './host/environment.js';
import { fingerprintHost } from './host/fingerprint.js';
import { withHost } from './host/lock.js';
import { waitForHost } from './host/wait.js';
import { RUN_PATHS } from './run/command.js';
import { COUNT_REPETITIONS, GUEST_COUNTER, countInstructions, type Count } from './run/instructions.js';
import { measure, type Measured, type RunRequest } from './run/measure.js';
import { ensureBaseImage, ensureRunner, ensureToolchain } from './source/images.js';
import { ensureSource } from './source/source.js';
import { readVersions } from './source/versions.js';

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

interface Prepared {
  readonly builds: ReadonlyMap<string, Build>;
  readonly workloadVolumes: ReadonlyMap<string, string>;
  readonly instrumentationVolumes: ReadonlyMap<string, string>;
  readonly environments: readonly EnvironmentFacts[];
}

interface Measuring extends Prepared {
  readonly hostFingerprint: string;
}

/** Do a job: build everything, then measure block by block, from where an earlier attempt ended. No build runs on the host meanwhile. */
export async function execute(execution: Execution): Promise<void> {
  const prepared = await withHost(waitForHost(execution.context, execution.host.lockFolder, 'build'), () => prepare(execution));
  await withHost(waitForHost(execution.context, execution.host.lockFolder, 'measure'), () => measureAll(execution, prepared));
}

async function measureAll(execution: Execution, built: Prepared): Promise<void> {
  const { context, host, job, results } = execution;
  const fingerprint = await fingerprintHost(context.backend, { cpuset: host.cpuset, knobs: await host.knobs(), environments: built.environments });
  await results.host(fingerprint);
  const prepared = { ...built, hostFingerprint: fingerprint.digest };
  await results.measuring();
  let counted = false;
  const measuredBlocks = Array.from({ length: job.plan.blocks }, (_, index) => index + 1).filter((block) => block > job.blocksDone);
  for (const block of [WARM_UP_BLOCK, ...measuredBlocks]) {
    await results.restartBlock(block);
    for (const run of blockOrder(job.plan, block)) counted = (await runOnce(execution, prepared, block, run)) || counted;
    await results.blockDone(block);
  }
  if (job.request.instructions === true) await count(execution, prepared, counted);
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
      const run = { variant: variant.name, workload: workload.label, position };
      const sample = toSample(prepared, { block: repetition, run, measured });
      // The guest's instructions are the baseline's: it runs the same build.
      const counts = { kind: 'instructions' as const, hostInstructions, guestInstructions, ...(variant === GUEST_COUNTER ? { variant: baselineOf(job.plan).name } : {}) };
      await results.sample({ ...sample, ...counts }, COUNT_REPETITIONS, null);
    },
  });
}

async function prepare(execution: Execution): Promise<Prepared> {
  const { context, job, uploads } = execution;
  const { version, target } = job.request.qemu;
  const entry = (await readVersions(context.rootDir))[version];
  if (entry === undefined) throw new QibenchError('UNKNOWN_QEMU_VERSION', { field: 'qemu.version', version, supported: '' });
  const toolchain = await ensureToolchain(context, entry);
  const runner = await ensureRunner(context, entry);
  const source = await ensureSource(context, version, entry, toolchain);

  const instrumentation = job.request.instrumentation === undefined ? null : uploads.get(job.request.instrumentation)!;
  const inputs = { version, entry, source, toolchain, runner, target, events: job.plan.events, instrumentation, uploads };
  const builds = new Map<string, Build>();
  const instrumentationVolumes = new Map<string, string>();
  for (const variant of job.request.instructions === true ? [...job.plan.variants, GUEST_COUNTER] : job.plan.variants) {
    const build = await buildVariant(context, inputs, variant);
    builds.set(variant.name, build);
    await execution.results.build(build);
    const volume = `${execution.volumePrefix}-${variant.name}`;
    const files = await runFiles(context, { ...inputs, build }, variant);
    await fillVolume(context, runner.tag, volume, packFiles(files));
    instrumentationVolumes.set(variant.name, volume);
  }

  const base = await ensureBaseImage(context, entry.suite);
  const workloadVolumes = new Map<string, string>();
  for (const [index, planned] of job.plan.workloads.entries()) {
    const image = await buildWorkload(context, definitionOf(execution, planned), planned, target, base);
    const volume = `${execution.volumePrefix}-workload-${index}`;
    await volumeFromImage(context, image, RUN_PATHS.workload, volume);
    workloadVolumes.set(planned.label, volume);
  }
  const environments = [await environmentFacts(context, { base, runner: runner.tag, toolchain: toolchain.tag })];
  return { builds, instrumentationVolumes, workloadVolumes, environments };
}

/** True if the hardware counted instructions. */
async function runOnce(execution: Execution, prepared: Measuring, block: number, run: BlockRun): Promise<boolean> {
  const { context, job } = execution;
  const variant = job.plan.variants.find(({ name }) => name === run.variant)!;
  const workload = plannedWorkload(job.plan, run.workload);
  const build = prepared.builds.get(run.variant)!;
  return runVariant(execution, prepared, { variant, workload }, async (container, measured) => {
    const stored = variant.trace && block !== WARM_UP_BLOCK;
    const sample = toSample(prepared, { block, run, measured });
    try {
      const trace = stored ? await openTrace(context, container, build, job.plan.events) : null;
      await execution.results.sample(sample, job.plan.blocks, trace);
    } catch (error) {
      if (!(error instanceof TraceFormatError)) throw error;
      throw new QibenchError('BAD_TRACE', { workload: run.workload, variant: run.variant, reason: error.message }, { cause: error });
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
  const { context, job } = execution;
  const outputVolume = variant.mode === 'backend' || variant.trace ? `${execution.volumePrefix}-output` : null;
  if (outputVolume !== null) await context.backend.createVolume(outputVolume, context.labels);
  try {
    const request = {
      target: job.request.qemu.target,
      variant,
      workload,
      definition: definitionOf(execution, workload),
      image: prepared.builds.get(variant.name)!.image,
      workloadVolume: prepared.workloadVolumes.get(workload.label)!,
      instrumentationVolume: prepared.instrumentationVolumes.get(variant.name)!,
      outputVolume,
      cpuset: execution.host.cpuset,
      ...changes,
    };
    return await measure(context, request, afterwards);
  } finally {
    if (outputVolume !== null) await context.backend.removeVolume(outputVolume);
  }
}

function toSample(prepared: Measuring, { block, run, measured }: { block: number; run: BlockRun; measured: Measured }): NewSample {
  const { result } = measured;
  return {
    kind: 'timed',
    variant: run.variant,
    workload: run.workload,
    block,
    position: run.position,
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
    buildKey: prepared.builds.get(run.variant)!.key,
    startedAt: measured.startedAt,
  };
}

function plannedWorkload(plan: JobPlan, label: string): PlannedWorkload {
  return plan.workloads.find((workload) => workload.label === label)!;
}

function definitionOf(execution: Execution, workload: PlannedWorkload): WorkloadDefinition {
  const definition = execution.workloads.find(({ name }) => name === workload.name);
  if (definition === undefined) throw new QibenchError('UNKNOWN_WORKLOAD', { field: 'workloads', name: workload.name, suggestion: '' });
  return definition;
}
