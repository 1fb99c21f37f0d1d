// SPDX-License-Identifier: GPL-2.0-or-later
import type { Comparison, ComparisonRow, RatioInterval } from '#contract/comparison.js';
import { isSupported } from '#contract/interval-words.js';

/** The same variant with the same workload in two jobs. */
export interface AlignedRow {
  readonly workload: string;
  readonly variant: string;
  readonly here: RatioInterval | null;
  readonly there: RatioInterval | null;
  /** This job's overhead divided by the other's; null if one is missing. */
  readonly ratioOfRatios: number | null;
  /** Null if a ratio is missing, or has too few blocks for an interval. */
  readonly overlap: boolean | null;
  /**
   * Minimum detectable effect of each job, as a ratio above 1; null if it is missing or unknown.
   */
  readonly mde: { readonly here: number | null; readonly there: number | null };
}

type Overheads = Pick<Comparison, 'rows'>;

/**
 * Aligns the overheads of the head sides of two jobs, in the order of the first job. Leaves out
 * rows without a ratio.
 */
export function aligned(here: Overheads, there: Overheads): AlignedRow[] {
  const heads = [here, there].map(({ rows }) =>
    rows.filter(({ side, ratio }) => side === 'head' && ratio !== null),
  ) as [Comparison['rows'], Comparison['rows']];
  const same =
    (a: { workload: string; variant: string }) => (b: { workload: string; variant: string }) =>
      a.workload === b.workload && a.variant === b.variant;
  const onlyThere = heads[1].filter((row) => !heads[0].some(same(row)));
  return [...heads[0], ...onlyThere].map((row) => {
    const [hereRow, thereRow] = heads.map((rows) => rows.find(same(row))) as [
      ComparisonRow | undefined,
      ComparisonRow | undefined,
    ];
    const [hereRatio, thereRatio] = [hereRow?.ratio ?? null, thereRow?.ratio ?? null];
    const both = hereRatio !== null && thereRatio !== null;
    return {
      workload: row.workload,
      variant: row.variant,
      here: hereRatio,
      there: thereRatio,
      ratioOfRatios: both ? hereRatio.ratio / thereRatio.ratio : null,
      overlap:
        both && isSupported(hereRatio) && isSupported(thereRatio)
          ? hereRatio.low <= thereRatio.high && thereRatio.low <= hereRatio.high
          : null,
      mde: {
        here: hereRow?.minimumDetectableRatio ?? null,
        there: thereRow?.minimumDetectableRatio ?? null,
      },
    };
  });
}
