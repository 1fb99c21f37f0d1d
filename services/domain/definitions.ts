// SPDX-License-Identifier: GPL-2.0-or-later
import type { PlannedWorkload } from '#contract/job.js';
import type { WorkloadDefinition } from '#contract/workload.js';

/** The fields of a planned workload that say which one it is. */
type Named = Pick<PlannedWorkload, 'name' | 'uploaded'>;

/**
 * Returns the definition of a planned workload; undefined if qibench no longer ships it.
 *
 * @param shipped Definitions of the shipped workloads; an uploaded one is in the plan.
 */
export function definitionOf(
  { name, uploaded }: Named,
  shipped: readonly WorkloadDefinition[],
): WorkloadDefinition | undefined {
  return uploaded?.definition ?? shipped.find((definition) => definition.name === name);
}

/** Returns the definitions of a plan's workloads, each name once. */
export function definitionsOf(
  { workloads }: { readonly workloads: readonly Named[] },
  shipped: readonly WorkloadDefinition[],
): WorkloadDefinition[] {
  const found = workloads.flatMap((planned) => definitionOf(planned, shipped) ?? []);
  return [...new Map(found.map((definition) => [definition.name, definition])).values()];
}
