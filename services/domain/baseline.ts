// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { Variant } from '#contract/variant.js';

/** Returns the variant that overheads are relative to: the first of mode `none`, else the first. */
export function baselineOf(plan: Pick<JobPlan, 'variants'>): Variant {
  return plan.variants.find((variant) => variant.mode === 'none') ?? plan.variants[0]!;
}
