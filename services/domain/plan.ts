// SPDX-License-Identifier: GPL-2.0-or-later
import { JOB_LIMITS, type JobPlan, type JobRequest, type PlannedWorkload } from '#contract/job.js';
import { metricsOf } from '#contract/metric.js';
import type { PlannedSide } from '#contract/side.js';
import {
  GUEST_COUNTER,
  variantName,
  type Variant,
  type VariantRequest,
} from '#contract/variant.js';
import { WITHIN_DEFAULT } from '#contract/constants.js';
import { secondsOf } from '#contract/stopping.js';
import {
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
import { suggestion } from './suggest.js';

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
  const head = planVariants(request, rules);
  const base =
    sides.base === null ? [] : head.map((variant) => ({ ...variant, side: 'base' as const }));
  if (head.length + base.length > JOB_LIMITS.variants) {
    rules.add(
      'variants',
      `both sides together have ${head.length + base.length}; at most ${JOB_LIMITS.variants} are allowed`,
    );
  }
  const workloads = planWorkloads(request, catalogue, rules);
  checkComparison(request, workloads, catalogue, rules);
  rules.throwIfAny();
  const compares = head.length > 1 || base.length > 0;
  const variants = [...head, ...base];
  const measured = planBlocks(request, compares, layoutSdOf(guests, workloads));
  const plan: JobPlan = {
    events: sides.head.events,
    sides,
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

function planVariants(request: JobRequest, rules: BrokenRules): Variant[] {
  const variants = request.variants.map(normalise);
  const first = new Map<string, number>();
  for (const [index, variant] of variants.entries()) {
    const path = `variants.${index}`;
    if (
      (variant.mode === 'dynamic' || variant.mode === 'static') &&
      request.instrumentation === undefined
    ) {
      rules.add(path, `mode "${variant.mode}" needs "instrumentation"`);
    }
    if (variant.mode !== 'none' && variant.mode !== 'plugin' && request.events.length === 0) {
      rules.add(path, `mode "${variant.mode}" needs "events"`);
    }
    if (request.instructions === true && variant.name === GUEST_COUNTER)
      rules.add(path, `cannot be called "${GUEST_COUNTER}" in a job with "instructions"`);
    const earlier = first.get(variant.name);
    if (earlier === undefined) first.set(variant.name, index);
    else
      rules.add(
        path,
        `has the same name "${variant.name}" as variants.${earlier}; give one of them another "name"`,
      );
  }
  return variants;
}

/** Fills in the defaults of a variant. */
function normalise(request: VariantRequest): Variant {
  if (typeof request === 'string')
    return {
      name: request,
      side: 'head',
      mode: request,
      backend: null,
      plugin: null,
      arguments: [],
      trace: false,
    };
  const { mode, backend = null, plugin = null, trace } = request;
  return {
    name: variantName(request),
    side: 'head',
    mode,
    backend,
    plugin,
    arguments: request.arguments ?? [],
    trace,
  };
}

function planWorkloads(
  request: JobRequest,
  catalogue: Catalogue,
  rules: BrokenRules,
): PlannedWorkload[] {
  const definitions = new Map(
    catalogue.workloads.map((definition) => [definition.name, definition]),
  );
  const first = new Map<string, number>();
  const planned: PlannedWorkload[] = [];
  for (const [index, wanted] of request.workloads.entries()) {
    const path = `workloads.${index}`;
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
    const label = workloadLabel(wanted);
    const earlier = first.get(label);
    if (earlier === undefined) first.set(label, index);
    else rules.add(path, `is the same workload with the same parameters as workloads.${earlier}`);

    planned.push({
      label,
      name: wanted.name,
      parameters: completeParameters(wanted, definition, path, rules),
      timeoutSeconds: wanted.timeoutSeconds ?? definition.run.timeoutSeconds,
      vcpus: definition.run.vcpus,
      size: planSize(wanted, definition),
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
  path: string,
  rules: BrokenRules,
): Record<string, number> {
  for (const [name, value] of Object.entries(wanted.parameters)) {
    const field = `${path}.parameters.${name}`;
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
