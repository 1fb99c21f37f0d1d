import { QibenchError } from '../../services/contract/error.js';
import type { JobPlan, PlannedWorkload } from '../../services/contract/job.js';
import { kindOf, type Target } from '../../services/contract/qemu.js';
import { shownVariant, type Side } from '../../services/contract/side.js';
import { GUEST_COUNTER, type Variant } from '../../services/contract/variant.js';
import {
  blocksOfBatch,
  countRepetitions,
  judgesInstructions,
} from '../../services/domain/batches.js';
import type { BuildContext } from '../step-context.js';
import { callgrindInstructions } from './output/callgrind.js';
import { track } from '../job/progress.js';
import type { Measured, RunRequest } from './measure-run.js';

/** QEMU's own plugin on the build without instrumentation: the guest's instructions, which no variant may change. */
export function guestCounter(side: Side): Variant {
  return {
    name: GUEST_COUNTER,
    side,
    mode: 'plugin',
    backend: null,
    plugin: 'insn',
    arguments: ['inline=on'],
    trace: false,
  };
}

export function isGuestCounter(variant: Variant): boolean {
  return variant.name === GUEST_COUNTER;
}

/** How much longer than a timed run one under callgrind may take; short runs were seen to take a hundred times as long. */
const CALLGRIND_SLOWDOWN = 100;
const LONGEST_SECONDS = 3600;
const CALLGRIND = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null'];

export interface Count {
  /** From 1; 0 counts the guest. */
  readonly repetition: number;
  /** Place within the repetition, from 0. */
  readonly position: number;
  readonly variant: Variant;
  readonly workload: PlannedWorkload;
  readonly measured: Measured;
  readonly hostInstructions: string | null;
  readonly guestInstructions: string | null;
}

export interface Counting {
  readonly context: BuildContext;
  readonly plan: JobPlan;
  readonly target: Target;
  /** The timed samples have counts of the hardware already. */
  readonly counted: boolean;
  /** Whether what was counted calls a regression that has to be confirmed. */
  suspects(): Promise<boolean>;
  run(variant: Variant, workload: PlannedWorkload, changes: Partial<RunRequest>): Promise<Measured>;
  record(count: Count): Promise<void>;
}

/** Why instructions of the host cannot be counted apart from time; null: they can. */
export function uncountable(target: Target): string | null {
  return kindOf(target) === 'linux-user'
    ? null
    : 'this host has no counters for us, and callgrind runs user-mode emulators only';
}

/**
 * Instructions of the guest, once per workload and side, and of the host, some times per variant and workload: by
 * callgrind, which can run user-mode emulators only, and only where the hardware did not count. Where they are judged,
 * a regression is confirmed by a second batch. A run that fails here is told in the log and has no count, unless it is
 * to be judged; the measured blocks stay what they are.
 */
export async function countInstructions(counting: Counting): Promise<void> {
  const { context, plan } = counting;
  await track(context.progress, 'measure', 'instructions', async () => {
    const sides = [...new Set(plan.variants.map(({ side }) => side))];
    for (const workload of plan.workloads)
      for (const side of sides) await countGuest(counting, workload, guestCounter(side));
    const skipped = counting.counted
      ? 'the hardware counted them in every run'
      : uncountable(counting.target);
    if (skipped !== null)
      context.progress.log('measure', `host instructions are not counted apart: ${skipped}\n`);
    else {
      await countHosts(
        counting,
        Array.from({ length: countRepetitions(plan) }, (_, index) => index + 1),
      );
      if (await counting.suspects()) await countHosts(counting, blocksOfBatch(plan, 2));
    }
    return { cached: false, key: null };
  });
}

async function countGuest(
  counting: Counting,
  workload: PlannedWorkload,
  counter: Variant,
): Promise<void> {
  await tolerating(counting, { variant: counter, workload, judged: false }, async () => {
    const measured = await counting.run(counter, workload, {});
    const guestInstructions = storable(measured.events?.['plugin.insns'] ?? null);
    if (guestInstructions === null)
      return counting.context.progress.log(
        'measure',
        `${workload.label} under ${shownVariant(counter)}: the plugin insn printed no count\n`,
      );
    await counting.record({
      repetition: 0,
      position: counting.plan.workloads.indexOf(workload),
      variant: counter,
      workload,
      measured,
      hostInstructions: null,
      guestInstructions,
    });
  });
}

async function countHosts(counting: Counting, repetitions: readonly number[]): Promise<void> {
  for (const [done, repetition] of repetitions.entries())
    await countHost(counting, repetition, { done, of: repetitions.length });
}

async function countHost(
  counting: Counting,
  repetition: number,
  progress: { done: number; of: number },
): Promise<void> {
  const { context, plan } = counting;
  const judged = judgesInstructions(plan);
  const runs = plan.workloads.flatMap((workload) =>
    plan.variants.map((variant) => ({ workload, variant })),
  );
  for (const [position, { variant, workload }] of runs.entries()) {
    context.progress.advanced(
      'measure',
      'instructions',
      progress.done * runs.length + position,
      progress.of * runs.length,
    );
    await tolerating(counting, { variant, workload, judged }, async () => {
      const timeoutSeconds = Math.min(
        LONGEST_SECONDS,
        workload.timeoutSeconds * CALLGRIND_SLOWDOWN,
      );
      const measured = await counting.run(variant, workload, {
        wrapper: CALLGRIND,
        workload: { ...workload, timeoutSeconds },
      });
      const hostInstructions = callgrindInstructions(measured.output);
      const silent = `${workload.label} under ${shownVariant(variant)}: callgrind printed no count`;
      if (hostInstructions === null && judged)
        throw new QibenchError('INSTRUCTIONS_NOT_COUNTED', { reason: silent });
      if (hostInstructions === null) return context.progress.log('measure', `${silent}\n`);
      await counting.record({
        repetition,
        position,
        variant,
        workload,
        measured,
        hostInstructions,
        guestInstructions: null,
      });
    });
  }
}

/** QEMU may be anybody's and print anything; Postgres keeps 63 bits. */
function storable(digits: string | null): string | null {
  return digits !== null && BigInt(digits) < 2n ** 63n ? digits : null;
}

interface CountedRun {
  readonly variant: Variant;
  readonly workload: PlannedWorkload;
  readonly judged: boolean;
}

async function tolerating(
  counting: Counting,
  { variant, workload, judged }: CountedRun,
  count: () => Promise<void>,
): Promise<void> {
  try {
    await count();
  } catch (error) {
    if (judged || !(error instanceof QibenchError) || error.kind !== 'workload') throw error;
    counting.context.progress.log(
      'measure',
      `instructions of ${workload.label} under ${shownVariant(variant)} are not counted: ${error.message}\n`,
    );
  }
}
