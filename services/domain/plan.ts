// SPDX-License-Identifier: GPL-2.0-or-later
import { JOB_LIMITS, type JobPlan, type JobRequest, type PlannedWorkload } from '#contract/job.js';
import { metricsOf } from '#contract/metric.js';
import { mergedInvocation } from '#contract/qemu-invocation.js';
import type { PlannedSide } from '#contract/side.js';
import { WITHIN_DEFAULT } from '#contract/constants.js';
import { secondsOf } from '#contract/stopping.js';
import { THRESHOLD_MAXIMUM } from '#contract/threshold.js';
import { BrokenRules } from './broken-rules.js';
import { isOpen, type Catalogue } from './catalogue.js';
import { definitionsOf } from './definitions.js';
import { expectationOf, type GuestNoise } from './expectation.js';
import { fewestPlanned } from './planned-comparisons.js';
import { planSides } from './plan-sides.js';
import { planSweep } from './plan-sweep.js';
import { separateRefused } from './refused-variants.js';
import { checkParameters, planVariants } from './plan-variants.js';
import { guestsOf, planWorkloads, type UploadedWorkloads } from './plan-workloads.js';

/** Largest number of blocks that a job measures until its comparisons are decided. */
const SEQUENCE_BLOCKS = 768;
/** Blocks of a job without a comparison. */
const BLOCKS_WITHOUT_COMPARISON = 24;
/** Number of times that a build is linked. */
const LINKS = 16;
/** Above this standard deviation of layout, a build is linked twice as often. */
const STRONG_LAYOUT = 0.01;

/**
 * Plans an accepted request: expands patterns, fills in defaults and assigns names.
 *
 * @param request A request that has its contract's shape.
 * @param seed Integer that fixes the order of every block (see schedule.ts) if the request does
 *   not.
 * @param baselineJob Head side of the job that the request's baseline names.
 * @param guests Noise of the target's guests when they were measured last.
 * @param uploaded Workloads that the request names by `from`, keyed by digest.
 * @throws {UNKNOWN_EVENT} An unknown event is the only broken rule. UNKNOWN_QEMU_VERSION and
 *   UNKNOWN_WORKLOAD follow the same rule.
 * @throws {PORT_MISSING} All variants need a port, and none applies.
 * @throws {INVALID_REQUEST} Any other broken rules; `details` lists all of them.
 */
export function planJob(
  request: JobRequest,
  catalogue: Catalogue,
  seed: number,
  baselineJob: PlannedSide | null = null,
  guests: readonly GuestNoise[] = [],
  uploaded: UploadedWorkloads = new Map(),
): JobPlan {
  const rules = new BrokenRules();
  const sides = planSides(request, baselineJob, catalogue, rules);
  const sweep = planSweep(request, guestsOf(request, { catalogue, uploaded }), rules);
  const open = [sides.head, sides.base].some(
    (side) => side !== null && isOpen(catalogue, side.qemu),
  );
  if (open && sweep.events)
    rules.add('sweep', '"events" needs sources whose events are known: the packages of versions');
  if (request.check !== undefined && sides.head.qemu.source === undefined)
    rules.add('check', 'needs "qemu.source": the port of a version always applies');
  const { variants, refused } = separateRefused(
    planVariants(request, { sides, sweep, catalogue }, rules),
    sides,
    catalogue,
    rules,
  );
  const workloads = planWorkloads(request, { sweep, catalogue, uploaded }, rules);
  checkSize(variants, workloads, rules);
  checkComparison(request, workloads, catalogue, rules);
  checkParameters(request, definitionsOf({ workloads }, catalogue.workloads), rules);
  rules.throwIfAny();
  const compares = variants.length > 1;
  const qemu = mergedInvocation(request.qemu);
  const measured = planBlocks(request, compares, layoutSdOf(guests, workloads));
  const plan: JobPlan = {
    events: sides.head.events,
    sides,
    ...(qemu === undefined ? {} : { qemu }),
    variants,
    ...(open ? { open } : {}),
    ...(refused.length === 0 ? {} : { refused }),
    workloads,
    ...measured,
    fewestBlocks: fewestPlanned({ ...measured, variants, workloads }),
    threshold: request.measure.threshold,
    thresholds: request.thresholds,
    expected: null,
    seed: request.seed ?? seed,
  };
  return { ...plan, expected: expectationOf(plan, guests) };
}

/** Checks the limits of every job; checkPlan has the project's. */
function checkSize(
  planned: JobPlan['variants'],
  { length: workloads }: readonly PlannedWorkload[],
  rules: BrokenRules,
): void {
  const { length: variants } = planned;
  const own = planned.reduce((sum, { events = [] }) => sum + events.length, 0);
  if (variants > JOB_LIMITS.variants)
    rules.add(
      'variants',
      `both sides together have ${variants}; at most ${JOB_LIMITS.variants} are allowed`,
    );
  if (own > JOB_LIMITS.ownEvents)
    rules.add(
      'variants',
      `have ${own} events of their own together; at most ${JOB_LIMITS.ownEvents} are allowed`,
    );
  if (variants * workloads > JOB_LIMITS.cells)
    rules.add(
      'variants',
      `${variants} variants with ${workloads} workloads are ${variants * workloads} cells; at most ` +
        `${JOB_LIMITS.cells} are allowed`,
    );
}

/** Returns the largest layout sd that was seen for the workloads; null if unknown. */
function layoutSdOf(
  guests: readonly GuestNoise[],
  workloads: readonly PlannedWorkload[],
): number | null {
  const known = guests
    .filter(({ workload }) =>
      // An uploaded workload may have the name of a shipped one.
      workloads.some(({ label, uploaded }) => label === workload && uploaded === undefined),
    )
    .flatMap(({ layoutSd }) => layoutSd ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

/** Plans the number of blocks, batches and links, and the time limit of measuring. */
function planBlocks(
  { blocks, measure, confirm, baseline }: JobRequest,
  compares: boolean,
  layoutSd: number | null,
): Pick<JobPlan, 'blocks' | 'batches' | 'withinSeconds' | 'links'> {
  const fixed = blocks ?? (compares ? null : BLOCKS_WITHOUT_COMPARISON);
  if (fixed === null)
    return {
      blocks: SEQUENCE_BLOCKS,
      batches: 1,
      withinSeconds: secondsOf(measure.within ?? WITHIN_DEFAULT),
      links: layoutSd !== null && layoutSd > STRONG_LAYOUT ? 2 * LINKS : LINKS,
    };
  const batches = (confirm ?? baseline !== undefined) ? 2 : 1;
  return { blocks: fixed, batches, withinSeconds: null, links: Math.min(LINKS, fixed * batches) };
}

/** Checks that `blocks`, `confirm` and `thresholds` match the job's comparisons. */
function checkComparison(
  request: JobRequest,
  workloads: readonly PlannedWorkload[],
  catalogue: Catalogue,
  rules: BrokenRules,
): void {
  if (request.blocks !== undefined && request.measure.within !== undefined)
    rules.add(
      'measure.within',
      'cannot be combined with "blocks", which fixes the number of blocks',
    );
  if (request.confirm === true && request.blocks === undefined)
    rules.add('confirm', 'requires a fixed number of "blocks"');
  if (request.confirm === true && request.baseline === undefined)
    rules.add('confirm', 'requires a "baseline" to confirm a regression against');
  for (const [path, threshold] of [
    ['measure.threshold', request.measure.threshold],
    ...request.thresholds.map(({ threshold }, index) => [
      `thresholds.${index}.threshold`,
      threshold,
    ]),
  ] as [string, number][])
    if (threshold > THRESHOLD_MAXIMUM)
      rules.add(
        path,
        `${threshold} is ${100 * threshold} %; a threshold is at most ${THRESHOLD_MAXIMUM}, and ` +
          '5 % are written 0.05',
      );
  const metrics = metricsOf(definitionsOf({ workloads }, catalogue.workloads)).map(
    ({ name }) => name,
  );
  for (const [index, { workload, metric }] of request.thresholds.entries()) {
    if (metric === 'guestInstructions')
      rules.add(
        `thresholds.${index}.metric`,
        '"guestInstructions" cannot be judged: they are counted once, to show that both ' +
          'sides did the same work',
      );
    if (metric === 'hostInstructions' && request.instructions !== true)
      rules.add(`thresholds.${index}.metric`, '"hostInstructions" requires "instructions: true"');
    if (metric !== undefined && !metrics.includes(metric))
      rules.add(
        `thresholds.${index}.metric`,
        `unknown metric "${metric}"; known: ${metrics.join(', ')}`,
      );
    if (
      workload === undefined ||
      workloads.some(({ name, label }) => workload === name || workload === label)
    )
      continue;
    rules.add(`thresholds.${index}.workload`, `the job has no workload "${workload}"`);
  }
}
