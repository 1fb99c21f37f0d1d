import { QibenchError } from '../../services/contract/error.js';
import type { JobPlan, PlannedWorkload } from '../../services/contract/job.js';
import { kindOf, type Target } from '../../services/contract/qemu.js';
import { shownVariant, type Side } from '../../services/contract/side.js';
import { GUEST_COUNTER, type Variant } from '../../services/contract/variant.js';
import type { BuildContext } from '../build/context.js';
import { callgrindInstructions } from '../collect/callgrind.js';
import { track } from '../progress.js';
import type { Measured, RunRequest } from './measure.js';

/** Counts repeat almost exactly: the second run shows that they do. */
export const COUNT_REPETITIONS = 2;

/** QEMU's own plugin on the build without instrumentation: the guest's instructions, which no variant may change. */
export function guestCounter(side: Side): Variant {
  return { name: GUEST_COUNTER, side, mode: 'plugin', backend: null, plugin: 'insn', arguments: ['inline=on'], trace: false };
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
  run(variant: Variant, workload: PlannedWorkload, changes: Partial<RunRequest>): Promise<Measured>;
  record(count: Count): Promise<void>;
}

/**
 * Instructions of the guest, once per workload and side, and of the host, some times per variant and workload: by
 * callgrind, which can run user-mode emulators only, and only where the hardware did not count. A run that fails here
 * is told in the log and has no count; the measured blocks stay what they are.
 */
export async function countInstructions(counting: Counting): Promise<void> {
  const { context, plan } = counting;
  await track(context.progress, 'measure', 'instructions', async () => {
    const sides = [...new Set(plan.variants.map(({ side }) => side))];
    for (const workload of plan.workloads) for (const side of sides) await countGuest(counting, workload, guestCounter(side));
    const skipped = counting.counted ? 'the hardware counted them in every run' : kindOf(counting.target) === 'linux-user' ? null : 'this host has no counters for us, and callgrind runs user-mode emulators only';
    if (skipped !== null) context.progress.log('measure', `host instructions are not counted apart: ${skipped}\n`);
    else for (let repetition = 1; repetition <= COUNT_REPETITIONS; repetition++) await countHost(counting, repetition);
    return { cached: false, key: null };
  });
}

async function countGuest(counting: Counting, workload: PlannedWorkload, counter: Variant): Promise<void> {
  await tolerating(counting, counter, workload, async () => {
    const measured = await counting.run(counter, workload, {});
    const guestInstructions = storable(measured.events?.['plugin.insns'] ?? null);
    if (guestInstructions === null) return counting.context.progress.log('measure', `${workload.label} under ${shownVariant(counter)}: the plugin insn printed no count\n`);
    await counting.record({ repetition: 0, position: counting.plan.workloads.indexOf(workload), variant: counter, workload, measured, hostInstructions: null, guestInstructions });
  });
}

async function countHost(counting: Counting, repetition: number): Promise<void> {
  const { context, plan } = counting;
  const runs = plan.workloads.flatMap((workload) => plan.variants.map((variant) => ({ workload, variant })));
  for (const [position, { variant, workload }] of runs.entries()) {
    context.progress.advanced('measure', 'instructions', (repetition - 1) * runs.length + position, COUNT_REPETITIONS * runs.length);
    await tolerating(counting, variant, workload, async () => {
      const timeoutSeconds = Math.min(LONGEST_SECONDS, workload.timeoutSeconds * CALLGRIND_SLOWDOWN);
      const measured = await counting.run(variant, workload, { wrapper: CALLGRIND, workload: { ...workload, timeoutSeconds } });
      const hostInstructions = callgrindInstructions(measured.output);
      if (hostInstructions === null) return context.progress.log('measure', `${workload.label} under ${shownVariant(variant)}: callgrind printed no count\n`);
      await counting.record({ repetition, position, variant, workload, measured, hostInstructions, guestInstructions: null });
    });
  }
}

/** QEMU may be anybody's and print anything; Postgres keeps 63 bits. */
function storable(digits: string | null): string | null {
  return digits !== null && BigInt(digits) < 2n ** 63n ? digits : null;
}

async function tolerating(counting: Counting, variant: Variant, workload: PlannedWorkload, count: () => Promise<void>): Promise<void> {
  try {
    await count();
  } catch (error) {
    if (!(error instanceof QibenchError) || error.kind !== 'workload') throw error;
    counting.context.progress.log('measure', `instructions of ${workload.label} under ${shownVariant(variant)} are not counted: ${error.message}\n`);
  }
}
