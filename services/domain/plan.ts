// SPDX-License-Identifier: GPL-2.0-or-later
import { JOB_LIMITS, type JobPlan, type JobRequest, type PlannedWorkload } from '#contract/job.js';
import { metricsOf } from '#contract/metric.js';
import { mergedInvocation } from '#contract/qemu-invocation.js';
import type { PlannedSide } from '#contract/side.js';
import { WITHIN_DEFAULT } from '#contract/constants.js';
import { secondsOf } from '#contract/stopping.js';
import {
  WORKLOAD_LABEL,
  workloadLabel,
  type WorkloadDefinition,
  type WorkloadRequest,
} from '#contract/workload.js';
import { THRESHOLD_MAXIMUM } from '#contract/threshold.js';
import { BrokenRules } from './broken-rules.js';
import type { Catalogue } from './catalogue.js';
import { expectationOf, type GuestNoise } from './expectation.js';
import { fewestPlanned } from './planned-comparisons.js';
import { planSides } from './plan-sides.js';
import { planSweep, sweptWorkloads, type PlannedSweep, type SweptWorkload } from './plan-sweep.js';
import { checkParameters, planVariants } from './plan-variants.js';
import { filled } from './placeholders.js';
import { suggestion } from './suggest.js';
import { vcpusOf } from './vcpus.js';

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
 * @throws {UNKNOWN_EVENT} An unknown event is the only broken rule. UNKNOWN_QEMU_VERSION and
 *   UNKNOWN_WORKLOAD follow the same rule.
 * @throws {INVALID_REQUEST} Any other broken rules; `details` lists all of them.
 */
export function planJob(
  request: JobRequest,
  catalogue: Catalogue,
  seed: number,
  baselineJob: PlannedSide | null = null,
  guests: readonly GuestNoise[] = [],
): JobPlan {
  const rules = new BrokenRules();
  const sides = planSides(request, baselineJob, catalogue, rules);
  const sweep = planSweep(request, catalogue.workloads, rules);
  const variants = planVariants(request, { sides, sweep, catalogue }, rules);
  const workloads = planWorkloads(request, sweep, catalogue, rules);
  checkSize(variants, workloads, rules);
  checkComparison(request, workloads, catalogue, rules);
  checkParameters(
    request,
    catalogue.workloads.filter(({ name }) => workloads.some((planned) => planned.name === name)),
    rules,
  );
  rules.throwIfAny();
  const compares = variants.length > 1;
  const qemu = mergedInvocation(request.qemu);
  const measured = planBlocks(request, compares, layoutSdOf(guests, workloads));
  const plan: JobPlan = {
    events: sides.head.events,
    sides,
    ...(qemu === undefined ? {} : { qemu }),
    variants,
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

/**
 * Returns the labels that a request's workloads will have, and their names, by which an estimate
 * finds a guest that was never measured with these parameters.
 */
export function labelsOf(request: JobRequest, catalogue: Catalogue): string[] {
  const rules = new BrokenRules();
  const sweep = planSweep(request, catalogue.workloads, rules);
  const workloads = sweptWorkloads(request, sweep, rules);
  const labels = workloads.map(({ wanted, swept }) => workloadLabel(wanted, swept));
  return [...new Set([...labels, ...request.workloads.map(({ name }) => name)])];
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
    .filter(({ workload }) => workloads.some(({ label }) => label === workload))
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
  const metrics = metricsOf(
    catalogue.workloads.filter(({ name }) => workloads.some((planned) => planned.name === name)),
  ).map(({ name }) => name);
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

function planWorkloads(
  request: JobRequest,
  sweep: PlannedSweep,
  catalogue: Catalogue,
  rules: BrokenRules,
): PlannedWorkload[] {
  const definitions = new Map(
    catalogue.workloads.map((definition) => [definition.name, definition]),
  );
  const first = new Map<string, string>();
  const planned: PlannedWorkload[] = [];
  for (const { wanted, path, swept, qemu } of sweptWorkloads(request, sweep, rules)) {
    const definition = definitions.get(wanted.name);
    if (definition === undefined) {
      const near = suggestion(wanted.name, definitions.keys());
      rules.unknown(
        'UNKNOWN_WORKLOAD',
        `${path}.name`,
        { name: wanted.name, suggestion: near },
        `no workload "${wanted.name}"${near}`,
      );
      continue;
    }
    if (!definition.targets.includes(request.qemu.target)) {
      rules.add(
        `${path}.name`,
        `"${wanted.name}" does not run on ${request.qemu.target}; it runs on ${definition.targets.join(', ')}`,
      );
    }
    const label = workloadLabel(wanted, swept);
    if (label.length > WORKLOAD_LABEL)
      rules.add(
        `${path}.label`,
        `the default has ${label.length} characters, more than ${WORKLOAD_LABEL}; set a shorter one`,
      );
    const earlier = first.get(label);
    if (earlier === undefined) first.set(label, path);
    else rules.add(path, `has the same label as ${earlier}; give one of them another "label"`);
    const words = [...(request.qemu.arguments ?? []), ...(qemu?.arguments ?? [])].map((word) =>
      filled(word, swept),
    );

    planned.push({
      label,
      name: wanted.name,
      parameters: completeParameters(wanted, definition, { path, swept }, rules),
      timeoutSeconds: wanted.timeoutSeconds ?? definition.run.timeoutSeconds,
      vcpus: vcpusOf(words) ?? definition.run.vcpus,
      size: planSize(wanted, definition),
      ...(qemu === undefined ? {} : { qemu }),
      ...(Object.keys(swept).length === 0 ? {} : { swept }),
    });
  }
  return planned;
}

function planSize(
  { parameters }: WorkloadRequest,
  { size, parameters: known }: WorkloadDefinition,
): PlannedWorkload['size'] {
  const parameter = size === undefined ? undefined : known[size.parameter];
  if (size === undefined || parameter === undefined) return null;
  const { minimum, maximum } = parameter;
  return { ...size, full: parameters[size.parameter] ?? null, minimum, maximum };
}

function completeParameters(
  wanted: WorkloadRequest,
  definition: WorkloadDefinition,
  { path, swept }: Pick<SweptWorkload, 'path' | 'swept'>,
  rules: BrokenRules,
): Record<string, number> {
  for (const [name, value] of Object.entries(wanted.parameters)) {
    const field = Object.hasOwn(swept, name) ? `sweep.${name}` : `${path}.parameters.${name}`;
    if (!Object.hasOwn(definition.parameters, name)) {
      const known = Object.keys(definition.parameters);
      const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
      rules.add(field, `"${wanted.name}" has no parameter "${name}"; ${has}`);
      continue;
    }
    const { minimum, maximum, unit } = definition.parameters[name]!;
    if (value < minimum || value > maximum)
      rules.add(field, `is ${value}, not within ${minimum} to ${maximum} ${unit}`);
  }
  const defaults = Object.entries(definition.parameters).map(
    ([name, parameter]) => [name, parameter.default] as const,
  );
  return { ...Object.fromEntries(defaults), ...wanted.parameters };
}
