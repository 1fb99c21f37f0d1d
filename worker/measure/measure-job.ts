// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { findingMetrics } from '#contract/findings.js';
import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { shownVariant } from '#contract/side.js';
import { baselineOf } from '#domain/baseline.js';
import { batchOf, blocksOfBatch, countRepetitions, judgesInstructions } from '#domain/batches.js';
import { isLook, isSpent, undecided } from '#domain/decisions.js';
import { guestNoiseOf } from '#domain/guest-noise.js';
import { progressOf } from '#domain/progress.js';
import { scheduleBlock, WARM_UP_BLOCK, type ComparisonName } from '#domain/schedule.js';
import { definitionOf, type Prepared, type PreparedVariant } from '../build/build-job.js';
import { tryPriority } from '../host/priority.js';
import { waitForHost } from '../host/wait.js';
import { fingerprintHost } from '../host/fingerprint.js';
import type { JobContext, NewSample } from '../job/job-context.js';
import { linkOf } from './command.js';
import {
  countsOf,
  guestRuns,
  hostRuns,
  isTolerated,
  missingCount,
  uncountable,
} from './instructions.js';
import { measureRun, type Measured } from './measure-run.js';
import { outputExcerpt } from './output/output-excerpt.js';
import { cacheEmulators } from './page-cache.js';
import { countingRun, namesOf, timedRun, type Run } from './run.js';
import { profileJob } from './profile/profile-job.js';
import { RunnerPool } from './runner-pool.js';
import { chooseSizes, sizeValueOf, type Sizes } from './sizes.js';
import { openTrace } from './trace/open-trace.js';
import { TraceFormatError } from './trace/simpletrace/format.js';

/** Number of measured blocks whose traces are stored: further traces of one run add only bytes. */
const TRACED_BLOCKS = 6;

/** Minimum interval between two progress reports. */
const TOLD_EVERY_MS = 500;

/** Runs that are stored together. */
interface Block {
  readonly kind: Sample['kind'];
  readonly number: number;
  readonly runs: readonly Run[];
}

/**
 * Measures a job whose builds are prepared. It has the host alone and resumes after the finished
 * blocks of an earlier attempt. Only the plan and the stored samples decide which run is next, so
 * every attempt decides alike.
 */
export async function measureJob(job: JobContext, prepared: Prepared): Promise<void> {
  const { context, host, results } = job;
  await using _host = await waitForHost(context, host.lockFolder, 'measure');
  const [{ build }] = [...prepared.variants.values()] as [PreparedVariant];
  const { knob, fifoPriority } = await tryPriority(context, host.fifoPriority, build.image);
  const fingerprint = await fingerprintHost(context.backend, {
    cpuset: host.cpuset,
    knobs: [...(await host.knobs()), knob],
    environments: prepared.environments,
  });
  await results.host(fingerprint);
  await results.measuring();
  await cacheEmulators(context, prepared, host.cpuset);
  await using pool = new RunnerPool(context);
  const measuring = new Measuring(job, prepared, pool, fingerprint.digest, fifoPriority);
  await measuring.begin();
  for await (const block of measuring.blocks()) {
    const samples: NewSample[] = [];
    for (const run of block.runs) {
      const sample = await measuring.measure(block, run);
      if (sample !== null) samples.push(sample);
    }
    await results.block(block.kind, block.number, samples);
    measuring.done(block, samples);
  }
  measuring.ended();
  if (job.job.request.profile === true) await profileJob(job, prepared, measuring);
  await results.noise(guestNoiseOf(job.job.plan, job.job.request.qemu.target, measuring.timed));
}

/** Returns a sample without the output that the plan does not judge: all samples stay in memory. */
function figuresOf({ thresholds }: JobPlan, sample: NewSample): Sample {
  const metrics = findingMetrics(thresholds).flatMap(
    (name) => sample.metrics.find((metric) => metric.name === name) ?? [],
  );
  return { ...sample, id: '', traceId: null, metrics, events: null, noise: null };
}

class Measuring {
  /** Stored timed samples. */
  timed: Sample[] = [];
  /** True if hardware counted the instructions of timed runs. */
  #counted = false;
  /** Comparisons that were undecided at the last look. */
  #open: readonly ComparisonName[] = [];
  #toldMs = -Infinity;
  /** Variants and workloads whose output is in the job's log. */
  readonly #logged = new Set<string>();
  readonly #sizes = new Map<string, Sizes | null>();

  constructor(
    private readonly job: JobContext,
    private readonly prepared: Prepared,
    private readonly pool: RunnerPool,
    private readonly hostFingerprint: string,
    private readonly fifoPriority: number | null,
  ) {}

  /** Loads the stored samples and chooses the sizes of workloads. */
  async begin(): Promise<void> {
    const { job, results } = this.job;
    this.timed = (await results.samples('timed')).filter(({ block }) => block <= job.blocksDone);
    for (const workload of job.plan.workloads) {
      const sizes = await chooseSizes(workload, this.timed, (value) =>
        this.#wallNs(countingRun(baselineOf(job.plan), workload, 0), value),
      );
      this.#sizes.set(workload.label, sizes);
    }
  }

  /**
   * Returns the remaining blocks: timed blocks until the plan is complete or decided, then blocks
   * that count instructions.
   */
  async *blocks(): AsyncGenerator<Block> {
    const { job, results, context } = this.job;
    const { plan, request, blocksDone } = job;
    await results.restart(WARM_UP_BLOCK);
    yield this.#timedBlock(WARM_UP_BLOCK);
    const reason = judgesInstructions(plan) && !this.#counted ? uncountable(job) : null;
    if (reason !== null) throw new QibenchError('INSTRUCTIONS_NOT_COUNTED', { reason });

    if (blocksDone < plan.blocks) await results.restart(blocksDone + 1);
    if (plan.withinSeconds === null) {
      yield* this.#fixedBlocks(1);
      if (plan.batches > 1 && (await results.suspectsRegression('timed')))
        yield* this.#fixedBlocks(2);
    } else yield* this.#blocksUntilDecided();

    if (request.instructions !== true) return;
    await results.restart('instructions');
    yield { kind: 'instructions', number: 0, runs: guestRuns(job) };
    const skipped = this.#counted ? 'the hardware counted them in every run' : uncountable(job);
    if (skipped !== null)
      return context.progress.log(
        'measure',
        `host instructions are not counted separately: ${skipped}\n`,
      );
    const repetitions = Array.from({ length: countRepetitions(plan) }, (_, index) => index + 1);
    yield* repetitions.map((number) => this.#countingBlock(number));
    if (
      plan.batches > 1 &&
      judgesInstructions(plan) &&
      (await results.suspectsRegression('instructions'))
    )
      yield* blocksOfBatch(plan, 2).map((number) => this.#countingBlock(number));
  }

  *#fixedBlocks(batch: number): Generator<Block> {
    const { plan, blocksDone } = this.job.job;
    for (const number of blocksOfBatch(plan, batch))
      if (number > blocksDone) yield this.#timedBlock(number);
  }

  *#blocksUntilDecided(): Generator<Block> {
    const { plan, blocksDone } = this.job.job;
    this.#open = undecided(plan, this.timed);
    for (
      let number = blocksDone + 1;
      this.#open.length > 0 && !isSpent(plan, this.timed);
      number += 1
    )
      yield this.#timedBlock(number, this.#open);
  }

  #timedBlock(number: number, open: readonly ComparisonName[] | null = null): Block {
    const { plan } = this.job.job;
    const isOpen = (comparison: ComparisonName) =>
      open === null ||
      open.some(
        ({ about, variant, workload }) =>
          about === comparison.about &&
          variant === comparison.variant &&
          workload === comparison.workload,
      );
    const runs = scheduleBlock(plan, number, isOpen).map((scheduled) => {
      const variant = plan.variants.find(
        ({ name, side }) => name === scheduled.variant && side === scheduled.side,
      )!;
      const workload = plan.workloads.find(({ label }) => label === scheduled.workload)!;
      const storesTrace =
        variant.trace &&
        scheduled.size === 'full' &&
        number !== WARM_UP_BLOCK &&
        number <= TRACED_BLOCKS;
      return timedRun(scheduled, variant, workload, storesTrace);
    });
    return { kind: 'timed', number, runs };
  }

  #countingBlock(number: number): Block {
    return { kind: 'instructions', number, runs: hostRuns(this.job.job) };
  }

  /**
   * Runs once.
   * @returns Null if the sample is stored already, or if a counting run has no count.
   */
  async measure({ kind, number }: Block, run: Run): Promise<NewSample | null> {
    const { context, job } = this.job;
    try {
      await using measured = await this.run(run);
      if (kind === 'timed' && number === WARM_UP_BLOCK) this.#logOutput(run, measured);
      this.#counted ||= kind === 'timed' && measured.result.hostInstructions !== null;
      const sample = this.#sampleOf(run, number, measured);
      if (kind === 'instructions') return { ...sample, ...countsOf(job, run, measured) };
      if (!run.storesTrace) return sample;
      await this.#storeTrace(run, sample, measured);
      return null;
    } catch (error) {
      if (kind === 'timed' || !isTolerated(job, run, error)) throw error;
      context.progress.log('measure', missingCount(run, (error as Error).message));
      return null;
    }
  }

  /** Logs the output of the first run of a variant with a workload. */
  #logOutput(run: Run, { output }: Measured): void {
    const { variant, workload } = namesOf(run);
    const name = `${variant} with ${workload}`;
    if (run.size !== 'full' || this.#logged.has(name)) return;
    this.#logged.add(name);
    this.job.context.progress.log(
      'measure',
      `output of the first run of ${name}:\n${outputExcerpt(output)}\n`,
    );
  }

  /** Registers a stored block. */
  done({ kind, number }: Block, samples: readonly NewSample[]): void {
    if (kind !== 'timed') return;
    const { plan } = this.job.job;
    for (const sample of samples) this.timed.push(figuresOf(plan, sample));
    if (plan.withinSeconds !== null && isLook(number)) this.#open = undecided(plan, this.timed);
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < TOLD_EVERY_MS) return;
    this.#toldMs = nowMs;
    this.job.results.progressed(number, progressOf(plan, this.timed));
  }

  /** Reports the final progress. */
  ended(): void {
    const { plan } = this.job.job;
    const last = this.timed.reduce((most, { block }) => Math.max(most, block), 0);
    this.job.results.progressed(last, progressOf(plan, this.timed));
  }

  async #storeTrace(run: Run, sample: NewSample, measured: Measured): Promise<void> {
    const { context, results, traceMaxBytes } = this.job;
    const { build, recipe } = this.prepared.variants.get(shownVariant(run.variant))!;
    try {
      const trace = await openTrace(context, measured.container, build, {
        names: recipe.events,
        maxBytes: traceMaxBytes,
      });
      await results.traced(sample, trace);
      this.timed.push(figuresOf(this.job.job.plan, sample));
    } catch (error) {
      if (!(error instanceof TraceFormatError)) throw error;
      throw new QibenchError(
        'BAD_TRACE',
        { ...namesOf(run), reason: error.message },
        { cause: error },
      );
    }
  }

  async #wallNs(run: Run, sizeValue: number): Promise<number> {
    await using measured = await this.run(run, sizeValue);
    return Number(measured.result.wallNs);
  }

  /** Runs once; the caller disposes the result. */
  run(run: Run, sizeValue: number | null = this.sizeValueOf(run)): Promise<Measured> {
    const { context, host } = this.job;
    const prepared = this.prepared.variants.get(shownVariant(run.variant))!;
    return measureRun(context, this.pool, run, {
      target: prepared.recipe.qemu.target,
      definition: definitionOf(this.job, run.workload),
      qemu: this.job.job.plan.qemu,
      build: prepared.build,
      workloadVolume: this.prepared.workloadVolumes.get(run.workload.label)!,
      instrumentationVolume: prepared.volume,
      cpuset: host.cpuset,
      fifoPriority: this.fifoPriority,
      tracer: prepared.tracer,
      sizeValue,
    });
  }

  /** Returns the value of the workload's size parameter in a run. */
  sizeValueOf(run: Run): number | null {
    return sizeValueOf(this.#sizes.get(run.workload.label) ?? null, run.size);
  }

  #sampleOf(run: Run, block: number, measured: Measured): NewSample {
    const { variant, workload, position, group, environmentBytes, stackBytes } = run;
    const size = run.size === 'short' ? 'full' : run.size;
    const { result } = measured;
    const { build } = this.prepared.variants.get(shownVariant(variant))!;
    return {
      kind: 'timed',
      variant: variant.name,
      side: variant.side,
      workload: workload.label,
      batch: batchOf(this.job.job.plan, block),
      block,
      position,
      group,
      size,
      sizeValue: this.sizeValueOf(run),
      link: linkOf(build, run.link),
      cpus: measured.cpus,
      environmentBytes,
      stackBytes,
      wallNs: result.wallNs,
      userNs: result.userNs,
      systemNs: result.systemNs,
      maxRssBytes: result.maxRssBytes,
      minorFaults: String(result.minorFaults),
      majorFaults: String(result.majorFaults),
      voluntarySwitches: String(result.voluntarySwitches),
      involuntarySwitches: String(result.involuntarySwitches),
      exitStatus: result.exitStatus,
      metrics: measured.metrics,
      events: measured.events,
      hostInstructions: result.hostInstructions,
      guestInstructions: null,
      noise: measured.noise,
      recordsStored: null,
      recordsDropped: null,
      hostFingerprint: this.hostFingerprint,
      buildKey: build.key,
      startedAt: measured.startedAt,
    };
  }
}
