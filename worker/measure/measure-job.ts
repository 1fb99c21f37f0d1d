import { QibenchError } from '../../services/contract/error.js';
import type { Job, JobPlan, PlannedWorkload } from '../../services/contract/job.js';
import { shownVariant } from '../../services/contract/side.js';
import type { Variant } from '../../services/contract/variant.js';
import {
  batchOf,
  blocksOfBatch,
  countRepetitions,
  judgesInstructions,
} from '../../services/domain/batches.js';
import { baselineOf } from '../../services/domain/comparison.js';
import { WARM_UP_BLOCK, blockOrder, type BlockRun } from '../../services/domain/blocks.js';
import { openTrace } from './trace/open-trace.js';
import { TraceFormatError } from './trace/simpletrace/format.js';
import type { Execution, NewSample } from '../job/job-context.js';
import { fingerprintHost } from '../host/fingerprint.js';
import { withHost } from '../host/lock.js';
import { waitForHost } from '../host/wait.js';
import { definitionOf, prepare, type Prepared } from '../build/build-job.js';
import { countInstructions, isGuestCounter, uncountable, type Count } from './instructions.js';
import { createTraceVolume } from './trace-volume.js';
import { measure, type Measured, type RunRequest } from './measure-run.js';

interface Measuring extends Prepared {
  readonly hostFingerprint: string;
}

/**
 * Do a job: build everything, then measure block by block, from where an earlier attempt ended. No build runs on the
 * host meanwhile. Whether there is a second batch depends on the stored samples of the first alone, so every attempt
 * decides alike.
 */
export async function execute(execution: Execution): Promise<void> {
  const prepared = await build(execution);
  await withHost(waitForHost(execution.context, execution.host.lockFolder, 'measure'), () =>
    measureAll(execution, prepared),
  );
}

/** The part of a job that a build worker does: what it builds is kept, and shared where there is a registry. */
export function build(execution: Execution): Promise<Prepared> {
  return withHost(waitForHost(execution.context, execution.host.lockFolder, 'build'), () =>
    prepare(execution),
  );
}

async function measureAll(execution: Execution, built: Prepared): Promise<void> {
  const { context, host, job, results } = execution;
  const fingerprint = await fingerprintHost(context.backend, {
    cpuset: host.cpuset,
    knobs: await host.knobs(),
    environments: built.environments,
  });
  await results.host(fingerprint);
  const prepared = { ...built, hostFingerprint: fingerprint.digest };
  await results.measuring();
  const countedFirst = await measureBlocks(execution, prepared, [WARM_UP_BLOCK]);
  if (!countedFirst) refuseUncountable(job);
  const counted = (await measureBlocks(execution, prepared, remaining(job, 1))) || countedFirst;
  if (job.plan.batches > 1 && (await results.suspectsRegression('timed')))
    await measureBlocks(execution, prepared, remaining(job, 2));
  if (job.request.instructions === true) await count(execution, prepared, counted);
}

function remaining({ plan, blocksDone }: Job, batch: number): number[] {
  return blocksOfBatch(plan, batch).filter((block) => block > blocksDone);
}

/** True if the hardware counted instructions. */
async function measureBlocks(
  execution: Execution,
  prepared: Measuring,
  blocks: readonly number[],
): Promise<boolean> {
  const { job, results } = execution;
  let counted = false;
  for (const block of blocks) {
    await results.restartBlock(block);
    for (const run of blockOrder(job.plan, block))
      counted = (await runOnce(execution, prepared, block, run)) || counted;
    await results.blockDone(block);
  }
  return counted;
}

/** Better no measuring than hours of it without an answer. */
function refuseUncountable({ plan, request }: Job): void {
  const reason = judgesInstructions(plan) ? uncountable(request.qemu.target) : null;
  if (reason !== null) throw new QibenchError('INSTRUCTIONS_NOT_COUNTED', { reason });
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
    suspects: async () =>
      job.plan.batches > 1 &&
      judgesInstructions(job.plan) &&
      results.suspectsRegression('instructions'),
    run: (variant, workload, changes) =>
      runVariant(
        execution,
        prepared,
        { variant, workload, changes },
        async (_, measured) => measured,
      ),
    async record({
      repetition,
      position,
      variant,
      workload,
      measured,
      hostInstructions,
      guestInstructions,
    }: Count) {
      const run = { variant: variant.name, side: variant.side, workload: workload.label, position };
      const sample = toSample(prepared, {
        batch: batchOf(job.plan, repetition),
        block: repetition,
        run,
        measured,
      });
      // The guest's instructions are those of its side's baseline: it runs the same build.
      const counts = {
        kind: 'instructions' as const,
        hostInstructions,
        guestInstructions,
        ...(isGuestCounter(variant) ? { variant: baselineOf(job.plan).name } : {}),
      };
      await results.sample(
        { ...sample, ...counts },
        sample.batch * countRepetitions(job.plan),
        null,
      );
    },
  });
}

/** True if the hardware counted instructions. */
async function runOnce(
  execution: Execution,
  prepared: Measuring,
  block: number,
  run: BlockRun,
): Promise<boolean> {
  const { context, job } = execution;
  const variant = job.plan.variants.find(
    ({ name, side }) => name === run.variant && side === run.side,
  )!;
  const workload = plannedWorkload(job.plan, run.workload);
  const { build, side } = prepared.variants.get(shownVariant(variant))!;
  return runVariant(execution, prepared, { variant, workload }, async (container, measured) => {
    const stored = variant.trace && block !== WARM_UP_BLOCK;
    const sample = toSample(prepared, { batch: batchOf(job.plan, block), block, run, measured });
    try {
      const trace = stored
        ? await openTrace(context, container, build, {
            names: side.events,
            maxBytes: execution.traceMaxBytes,
          })
        : null;
      await execution.results.sample(sample, sample.batch * job.plan.blocks, trace);
    } catch (error) {
      if (!(error instanceof TraceFormatError)) throw error;
      throw new QibenchError(
        'BAD_TRACE',
        { workload: run.workload, variant: shownVariant(variant), reason: error.message },
        { cause: error },
      );
    }
    return measured.result.hostInstructions !== null;
  });
}

async function runVariant<T>(
  execution: Execution,
  prepared: Prepared,
  {
    variant,
    workload,
    changes,
  }: { variant: Variant; workload: PlannedWorkload; changes?: Partial<RunRequest> },
  afterwards: (container: string, measured: Measured) => Promise<T>,
): Promise<T> {
  const { context } = execution;
  const ready = prepared.variants.get(shownVariant(variant))!;
  const outputVolume =
    variant.mode === 'backend' || variant.trace ? `${execution.volumePrefix}-output` : null;
  if (outputVolume !== null) await createTraceVolume(context, ready.build.image, outputVolume);
  try {
    const request = {
      target: ready.side.qemu.target,
      variant,
      workload,
      definition: definitionOf(execution, workload),
      image: ready.build.image,
      workloadVolume: prepared.workloadVolumes.get(workload.label)!,
      instrumentationVolume: ready.volume,
      outputVolume,
      cpuset: execution.host.cpuset,
      ...changes,
    };
    return await measure(context, request, afterwards);
  } finally {
    if (outputVolume !== null) await context.backend.removeVolume(outputVolume);
  }
}

function toSample(
  prepared: Measuring,
  {
    batch,
    block,
    run,
    measured,
  }: { batch: number; block: number; run: BlockRun; measured: Measured },
): NewSample {
  const { result } = measured;
  return {
    kind: 'timed',
    variant: run.variant,
    side: run.side,
    workload: run.workload,
    batch,
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
    buildKey: prepared.variants.get(shownVariant({ name: run.variant, side: run.side }))!.build.key,
    startedAt: measured.startedAt,
  };
}

function plannedWorkload(plan: JobPlan, label: string): PlannedWorkload {
  return plan.workloads.find((workload) => workload.label === label)!;
}
