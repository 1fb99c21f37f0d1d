import type { Comparison, ComparisonRow, RatioInterval } from '../../../contract/comparison.js';

/** The same variant with the same workload in two jobs. */
export interface AlignedRow {
  readonly workload: string;
  readonly variant: string;
  readonly here: RatioInterval | null;
  readonly there: RatioInterval | null;
  /** This overhead over the other; null where one is missing. */
  readonly ratioOfRatios: number | null;
  readonly overlap: boolean | null;
  /** Smallest ratio above 1 that each job finds; null where it is missing or cannot be said. */
  readonly finds: { readonly here: number | null; readonly there: number | null };
}

type Overheads = Pick<Comparison, 'rows'>;

/** Overheads of the head sides of two jobs, in the order of the first; what neither has as a ratio is left out. */
export function aligned(here: Overheads, there: Overheads): AlignedRow[] {
  const heads = [here, there].map(({ rows }) =>
    rows.filter(({ side, ratio }) => side === 'head' && ratio !== null),
  ) as [Comparison['rows'], Comparison['rows']];
  const same =
    (a: { workload: string; variant: string }) => (b: { workload: string; variant: string }) =>
      a.workload === b.workload && a.variant === b.variant;
  const onlyThere = heads[1].filter((row) => !heads[0].some(same(row)));
  return [...heads[0], ...onlyThere].map((row) => {
    const [own, other] = heads.map((rows) => rows.find(same(row))) as [
      ComparisonRow | undefined,
      ComparisonRow | undefined,
    ];
    const [one, two] = [own?.ratio ?? null, other?.ratio ?? null];
    const both = one !== null && two !== null;
    return {
      workload: row.workload,
      variant: row.variant,
      here: one,
      there: two,
      ratioOfRatios: both ? one.ratio / two.ratio : null,
      overlap: both ? one.low <= two.high && two.low <= one.high : null,
      finds: { here: own?.detectableRatio ?? null, there: other?.detectableRatio ?? null },
    };
  });
}
