// SPDX-License-Identifier: GPL-2.0-or-later
import { JobPlan, type PlannedWorkload } from '#contract/job.js';
import type { PlannedSide } from '#contract/side.js';
import type { Variant } from '#contract/variant.js';

const SIDE: PlannedSide = {
  qemu: { version: '7.2', target: 'x86_64-softmmu', patches: null },
  events: [],
  instrumentation: null,
};

/** A variant of the head side, named after its mode, with optional overrides. */
export function variantOf(mode: Variant['mode'], details: Partial<Variant> = {}): Variant {
  return {
    name: mode,
    side: 'head',
    mode,
    backend: null,
    plugin: null,
    arguments: [],
    trace: false,
    ...details,
  };
}

/** A workload without parameters, with optional overrides. */
export function plannedWorkload(
  label = 'w',
  details: Partial<PlannedWorkload> = {},
): PlannedWorkload {
  return {
    label,
    name: label,
    parameters: {},
    timeoutSeconds: 1,
    vcpus: 1,
    size: null,
    ...details,
  };
}

/** Both sides of a job with a base. */
export const TWO_SIDES = { head: SIDE, base: SIDE, same: false } as const;

/** The same variants on both sides, head first. */
export function onBothSides(variants: readonly Variant[]): Variant[] {
  return (['head', 'base'] as const).flatMap((side) =>
    variants.map((variant) => ({ ...variant, side })),
  );
}

/** A plan of six blocks of `none` with the workload `w`, with optional overrides. */
export function jobPlan(details: Partial<JobPlan> = {}): JobPlan {
  return JobPlan.parse({
    events: [],
    variants: [variantOf('none')],
    workloads: [plannedWorkload()],
    blocks: 6,
    seed: 1,
    ...details,
  });
}

/** A plan that measures until its comparisons are decided, with optional overrides. */
export function planUntilDecided(details: Partial<JobPlan> = {}): JobPlan {
  return jobPlan({ blocks: 768, withinSeconds: 300, links: 16, ...details });
}
