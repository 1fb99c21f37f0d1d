// SPDX-License-Identifier: GPL-2.0-or-later
import type { PlannedWorkload } from '#contract/job.js';
import { count } from '../../format/numbers.js';

/**
 * Formats the parameters of a workload. The size that the host chooses replaces the plan's value,
 * with which no run is measured.
 *
 * @param measuredSize Size of the measured runs; null before the first.
 */
export function parameterTexts(
  { parameters, size }: Pick<PlannedWorkload, 'parameters' | 'size'>,
  measuredSize: number | null,
): string[] {
  return Object.entries(parameters).map(([name, planned]) => {
    if (size?.parameter !== name || size.full !== null) return `${name} ${count(planned)}`;
    return measuredSize === null
      ? `${name} chosen on the host`
      : `${name} ${count(measuredSize)} (chosen on the host)`;
  });
}
