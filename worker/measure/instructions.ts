import { QibenchError } from '../../services/contract/error.js';
import type { Job } from '../../services/contract/job.js';
import { kindOf, type Target } from '../../services/contract/qemu.js';
import { shownVariant, type Side } from '../../services/contract/side.js';
import { GUEST_COUNTER, type Variant } from '../../services/contract/variant.js';
import { judgesInstructions } from '../../services/domain/batches.js';
import { baselineOf } from '../../services/domain/baseline.js';
import type { NewSample } from '../job/job-context.js';
import type { Measured } from './measure-run.js';
import { callgrindInstructions } from './output/callgrind.js';
import { countingRun, namesOf, type Run } from './run.js';

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

/** How much longer than a timed run one under callgrind may take; short runs were seen to take a hundred times as long. */
const CALLGRIND_SLOWDOWN = 100;
const LONGEST_SECONDS = 3600;
const CALLGRIND = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null'];

/** Whether callgrind runs the whole work of a guest; of system emulators it runs a part. */
function runsWholly(target: Target): boolean {
  return kindOf(target) === 'linux-user';
}

/** Why the host's instructions of a job cannot be counted apart from time; null: they can. */
export function uncountable({ plan, request }: Pick<Job, 'plan' | 'request'>): string | null {
  if (runsWholly(request.qemu.target)) return null;
  return plan.workloads.every(({ size }) => size !== null)
    ? null
    : 'this host lends no counters, and callgrind runs a system emulator only with less work, and the work of some workload cannot be scaled';
}

/** The runs that count the guest's instructions: one for every workload and side. */
export function guestRuns({ plan }: Pick<Job, 'plan'>): Run[] {
  const sides = [...new Set(plan.variants.map(({ side }) => side))];
  return plan.workloads
    .flatMap((workload) => sides.map((side) => ({ workload, variant: guestCounter(side) })))
    .map(({ workload, variant }, position) => countingRun(variant, workload, position));
}

/** The runs of one repetition that counts the host's instructions, under callgrind, where they are countable. */
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
 * What a counting run counted, as a sample has it.
 *
 * @throws QibenchError INSTRUCTIONS_NOT_COUNTED where it printed no count
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
      reason: `${workload} under ${variant}: the counter printed no count`,
    });
  return {
    kind: 'instructions',
    // The guest's instructions are those of its side's baseline: it runs the same build.
    variant: guest ? baselineOf(plan).name : run.variant.name,
    hostInstructions: guest ? null : count,
    guestInstructions: guest ? count : null,
  };
}

/**
 * Whether a counting run that failed is left out: it ran under a counter, and the measured blocks stay what they are.
 * Where counts are judged, it ends the job.
 */
export function isTolerated({ plan }: Pick<Job, 'plan'>, run: Run, error: unknown): boolean {
  const judged = judgesInstructions(plan) && run.variant.name !== GUEST_COUNTER;
  if (judged || !(error instanceof QibenchError)) return false;
  return error.kind === 'workload' || error.code === 'INSTRUCTIONS_NOT_COUNTED';
}

/** How the log says that a counting run has no count. */
export function missingCount(run: Run, reason: string): string {
  const { workload } = namesOf(run);
  return `instructions of ${workload} under ${shownVariant(run.variant)} are not counted: ${reason}\n`;
}

/** QEMU may be built from uploaded patches and print anything; Postgres keeps 63 bits. */
function storable(digits: string | null): string | null {
  return digits !== null && BigInt(digits) < 2n ** 63n ? digits : null;
}
