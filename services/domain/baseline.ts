import type { JobPlan } from '../contract/job.js';
import type { Variant } from '../contract/variant.js';

/** The variant that overheads are over: the first of mode `none`, else the first. */
export function baselineOf(plan: Pick<JobPlan, 'variants'>): Variant {
  return plan.variants.find((variant) => variant.mode === 'none') ?? plan.variants[0]!;
}
