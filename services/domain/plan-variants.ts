// SPDX-License-Identifier: GPL-2.0-or-later
import { JOB_LIMITS, type JobRequest } from '#contract/job.js';
import { SWEPT_EVENT } from '#contract/constants.js';
import {
  firesEvents,
  GUEST_COUNTER,
  runsInstrumentation,
  variantName,
  variantObjectOf,
  type Variant,
  type VariantObject,
} from '#contract/variant.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { BrokenRules } from './broken-rules.js';
import type { Catalogue } from './catalogue.js';
import { planEvents } from './plan-events.js';
import { sameEvents, type PlannedSides } from './plan-sides.js';
import { argumentsOf, sweptSuffix, sweptVariant, type PlannedSweep } from './plan-sweep.js';
import { recipeOf } from './recipe.js';

interface VariantSources {
  readonly sides: PlannedSides;
  readonly sweep: PlannedSweep;
  readonly catalogue: Catalogue;
}

/**
 * Plans the variants of both sides, head first. Each keeps what it has of its own; recipeOf adds
 * what it has from its side. A sweep makes several variants of one.
 */
export function planVariants(
  request: JobRequest,
  sources: VariantSources,
  rules: BrokenRules,
): Variant[] {
  checkNames(request, rules);
  checkUse(request, rules);
  const head: Variant[] = [];
  const base: Variant[] = [];
  for (const [index, written] of request.variants.entries()) {
    const path = `variants.${index}`;
    const object = variantObjectOf(written);
    checkNeeds(request, object, path, rules);
    const planned = planVariant(request, object, path, sources, rules);
    for (const swept of sweptVariant(request, written, sources.sweep, rules))
      for (const [variants, variant] of [
        [head, planned.head],
        [base, planned.base],
      ] as const)
        if (variant !== null) variants.push(withSwept(variant, swept));
  }
  if (!sources.sweep.events) return [...head, ...base];
  return everyEvent([...head, ...base], sources.sides, rules);
}

/** Plans a variant on each side; null without a base side. */
function planVariant(
  request: JobRequest,
  written: VariantObject,
  path: string,
  { sides, catalogue }: VariantSources,
  rules: BrokenRules,
): { head: Variant; base: Variant | null } {
  const { mode, backend = null, plugin = null, trace, qemu, parameters, instrumentation } = written;
  const { record } = written;
  const name = variantName(written);
  const events = ownEvents(written, path, { sides, catalogue }, rules);
  const { baseline } = request;
  const onBase =
    (typeof baseline === 'object' ? baseline.instrumentations?.[name] : undefined) ??
    instrumentation;
  const head: Variant = {
    name,
    side: 'head',
    mode,
    backend,
    ...(record === undefined ? {} : { record }),
    plugin,
    arguments: argumentsOf(request, written),
    trace,
    ...(events === null ? {} : { events: events.head }),
    ...(instrumentation === undefined ? {} : { instrumentation }),
    ...(qemu === undefined ? {} : { qemu }),
    ...(parameters === undefined ? {} : { parameters }),
  };
  if (sides.base === null) return { head, base: null };
  return {
    head,
    base: {
      ...head,
      side: 'base',
      ...(events === null ? {} : { events: events.base }),
      ...(onBase === undefined ? {} : { instrumentation: onBase }),
    },
  };
}

/** Returns a variant's own events on each side; null if it has its side's. */
function ownEvents(
  { events: patterns }: VariantObject,
  path: string,
  { sides, catalogue }: Pick<VariantSources, 'sides' | 'catalogue'>,
  rules: BrokenRules,
): { head: string[]; base: string[] } | null {
  if (patterns === undefined) return null;
  const on = (qemu: PlannedSides['head']['qemu']) =>
    planEvents(
      { qemu, patterns },
      { version: 'qemu.version', target: 'qemu.target', events: `${path}.events` },
      catalogue,
      rules,
    );
  const head = on(sides.head.qemu);
  const other = sides.base?.qemu ?? sides.head.qemu;
  return { head, base: sameEvents(other, sides.head.qemu) ? head : on(other) };
}

function withSwept(variant: Variant, swept: NonNullable<Variant['swept']>): Variant {
  return Object.keys(swept).length === 0
    ? variant
    : { ...variant, name: variant.name + sweptSuffix(swept), swept };
}

/**
 * Replaces every variant that depends on events by one per event of its head side. The names begin
 * alike, so that a report shows them together.
 */
function everyEvent(
  variants: readonly Variant[],
  sides: PlannedSides,
  rules: BrokenRules,
): Variant[] {
  const single = variants.filter(({ mode }) => firesEvents(mode));
  if (single.length === 0) rules.add('sweep', '"events" needs a variant that depends on events');
  const eventsOn = new Map(
    single.map((variant) => [`${variant.side} ${variant.name}`, recipeOf(sides, variant).events]),
  );
  const eventsOf = ({ name }: Variant) => eventsOn.get(`head ${name}`) ?? [];
  const count = single.reduce((sum, variant) => sum + eventsOf(variant).length, 0);
  if (count > JOB_LIMITS.variants) {
    rules.add('sweep', `makes ${count} variants; at most ${JOB_LIMITS.variants} are allowed`);
    return [];
  }
  return variants.flatMap((variant) => {
    if (!firesEvents(variant.mode)) return [variant];
    const here = new Set(eventsOn.get(`${variant.side} ${variant.name}`));
    return eventsOf(variant).map((event) => {
      if (!here.has(event)) rules.add('baseline', `the base side lacks the event "${event}"`);
      return {
        ...variant,
        name: `${variant.name} ${event}`,
        events: [event],
        swept: { ...variant.swept, [SWEPT_EVENT]: event },
      };
    });
  });
}

/** Checks that names are unique, and free where a run of the job takes one. */
function checkNames(request: JobRequest, rules: BrokenRules): void {
  const first = new Map<string, number>();
  for (const [index, written] of request.variants.entries()) {
    const path = `variants.${index}`;
    const name = variantName(written);
    if (request.instructions === true && name === GUEST_COUNTER)
      rules.add(path, `cannot be called "${GUEST_COUNTER}" in a job with "instructions"`);
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else
      rules.add(
        path,
        `has the same name "${name}" as variants.${earlier}; give one of them another "name"`,
      );
  }
}

/** Checks that what the job gives to its variants reaches one of them. */
function checkUse({ arguments: words, variants, baseline }: JobRequest, rules: BrokenRules): void {
  const objects = variants.map(variantObjectOf);
  if (words !== undefined && !objects.some(({ mode }) => runsInstrumentation(mode)))
    rules.add('arguments', 'no variant has mode "dynamic" or "static"');
  const own = objects
    .filter(({ instrumentation }) => instrumentation !== undefined)
    .map(variantName);
  const named = typeof baseline === 'object' ? (baseline.instrumentations ?? {}) : {};
  for (const name of Object.keys(named))
    if (!own.includes(name))
      rules.add(
        `baseline.instrumentations.${name}`,
        'no variant of this name has an instrumentation of its own',
      );
}

function checkNeeds(
  request: JobRequest,
  { mode, instrumentation, events, parameters = {} }: VariantObject,
  path: string,
  rules: BrokenRules,
): void {
  if (runsInstrumentation(mode) && (instrumentation ?? request.instrumentation) === undefined)
    rules.add(path, `mode "${mode}" needs "instrumentation"`);
  if (firesEvents(mode) && events === undefined && request.events.length === 0)
    rules.add(path, `mode "${mode}" needs "events"`);
  for (const name of Object.keys(parameters))
    if (typeof request.sweep === 'object' && Object.hasOwn(request.sweep, name))
      rules.add(`${path}.parameters.${name}`, 'is swept');
}

/**
 * Checks the parameters that variants set in place of the workloads'. The amount of work is the
 * same for all variants, and so is a workload's image.
 */
export function checkParameters(
  { variants }: JobRequest,
  workloads: readonly WorkloadDefinition[],
  rules: BrokenRules,
): void {
  for (const [index, written] of variants.entries())
    for (const [name, value] of Object.entries(variantObjectOf(written).parameters ?? {})) {
      const field = `variants.${index}.parameters.${name}`;
      const having = workloads.filter(({ parameters }) => Object.hasOwn(parameters, name));
      if (having.length === 0) rules.add(field, `no workload of the job has a parameter "${name}"`);
      for (const { name: workload, parameters, size } of having) {
        const { stage, minimum, maximum, unit } = parameters[name]!;
        if (size?.parameter === name)
          rules.add(field, `is the amount of work of "${workload}", the same for all variants`);
        else if (stage !== 'run')
          rules.add(field, `"${workload}" is built with it, once for all variants`);
        else if (value < minimum || value > maximum)
          rules.add(field, `is ${value}, not within ${minimum} to ${maximum} ${unit}`);
      }
    }
}
