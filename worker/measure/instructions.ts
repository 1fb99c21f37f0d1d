// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { Job } from '#contract/job.js';
import { targetKind, type Target } from '#contract/qemu.js';
import { shownVariant, type Side } from '#contract/side.js';
import { GUEST_COUNTER, type Variant } from '#contract/variant.js';
import { judgesInstructions } from '#domain/batches.js';
import { baselineOf } from '#domain/baseline.js';
import type { NewSample } from '../job/job-context.js';
import type { Measured } from './measure-run.js';
import { callgrindInstructions } from './output/callgrind.js';
import { countingRun, namesOf, type Run } from './run.js';

/**
 * Returns the variant that counts the guest's instructions, with QEMU's own plugin on the build
 * without instrumentation. The count must be the same under every variant.
 */
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

/**
 * Time limit under callgrind, in multiples of a timed run's; short runs took up to 100 times
 * longer.
 */
export const CALLGRIND_SLOWDOWN = 100;
export const LONGEST_SECONDS = 3600;
/** An executed program is counted too: its heading shows that the count is not the emulator's. */
const CALLGRIND = [
  'valgrind',
  '--tool=callgrind',
  '--callgrind-out-file=/dev/null',
  '--trace-children=yes',
];

/** Returns true if callgrind runs a guest's full work; under system emulators it runs a part. */
export function runsWholly(target: Target): boolean {
  return targetKind(target) === 'linux-user';
}

/** Returns why callgrind cannot count the host instructions of a job; null: it can. */
export function uncountable({ plan, request }: Pick<Job, 'plan' | 'request'>): string | null {
  if (runsWholly(request.qemu.target)) return null;
  return plan.workloads.every(({ size }) => size !== null)
    ? null
    : 'this host has no usable counters, callgrind runs a system emulator only with less work, ' +
        'and a workload cannot be scaled';
}

/** Returns the runs that count the guest's instructions: one for every workload and side. */
export function guestRuns({ plan }: Pick<Job, 'plan'>): Run[] {
  const sides = [...new Set(plan.variants.map(({ side }) => side))];
  return plan.workloads
    .flatMap((workload) => sides.map((side) => ({ workload, variant: guestCounter(side) })))
    .map(({ workload, variant }, position) => countingRun(variant, workload, position));
}

/** Returns the runs of one repetition that counts host instructions under callgrind. */
export function hostRuns({ plan, request }: Pick<Job, 'plan' | 'request'>): Run[] {
  const size = runsWholly(request.qemu.target) ? 'full' : 'short';
  return plan.workloads
    .flatMap((workload) => plan.variants.map((variant) => ({ workload, variant })))
    .map(({ workload, variant }, position) =>
      countingRun(variant, workload, position, {
        size,
        wrapper: CALLGRIND,
        timeoutSeconds: Math.min(LONGEST_SECONDS, workload.timeoutSeconds * CALLGRIND_SLOWDOWN),
      }),
    );
}

/**
 * Returns the counts of a counting run as fields of its sample.
 *
 * @throws {INSTRUCTIONS_NOT_COUNTED} The output does not have exactly one count.
 */
export function countsOf(
  { plan }: Pick<Job, 'plan'>,
  run: Run,
  measured: Pick<Measured, 'events' | 'output'>,
): Pick<NewSample, 'kind' | 'variant' | 'hostInstructions' | 'guestInstructions'> {
  const guest = run.variant.name === GUEST_COUNTER;
  const count = guest
    ? storable(measured.events?.['plugin.insns'] ?? null)
    : callgrindInstructions(measured.output);
  const { workload, variant } = namesOf(run);
  if (count === null)
    throw new QibenchError('INSTRUCTIONS_NOT_COUNTED', {
      reason: `${workload} under ${variant}: the output does not have exactly one count`,
    });
  return {
    kind: 'instructions',
    // The guest's instructions are stored with the side's baseline, which runs the same build.
    variant: guest ? baselineOf(plan).name : run.variant.name,
    hostInstructions: guest ? null : count,
    guestInstructions: guest ? count : null,
  };
}

/**
 * Returns true if the job continues after a counting run failed: the counter may be the cause, and
 * the timed blocks stay valid. If the plan judges instruction counts, the failure ends the job.
 */
export function isTolerated({ plan }: Pick<Job, 'plan'>, run: Run, error: unknown): boolean {
  const judged = judgesInstructions(plan) && run.variant.name !== GUEST_COUNTER;
  if (judged || !(error instanceof QibenchError)) return false;
  return error.kind === 'workload' || error.code === 'INSTRUCTIONS_NOT_COUNTED';
}

/** Returns the log line for a counting run without a count. */
export function missingCount(run: Run, reason: string): string {
  const { workload } = namesOf(run);
  return `instructions of ${workload} under ${shownVariant(run.variant)} are not counted: ${reason}\n`;
}

/**
 * Returns a count if Postgres can store it, that is, below 2^63; else null. QEMU with uploaded
 * patches may print anything.
 */
function storable(digits: string | null): string | null {
  return digits !== null && BigInt(digits) < 2n ** 63n ? digits : null;
}
