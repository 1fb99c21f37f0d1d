// SPDX-License-Identifier: GPL-2.0-or-later
import type { ComparisonRow } from './comparison.js';
import type { JobPlan } from './job.js';
import type { SweptValue } from './sweep.js';

/** A row of the comparison at one value of a swept name. */
export interface SweepPoint {
  readonly value: SweptValue;
  readonly row: ComparisonRow;
}

/** Points that differ in one swept name alone, in the order of the plan. */
export interface SweepSeries {
  /** Variant and workload without the swept value. */
  readonly variant: string;
  readonly workload: string;
  readonly points: readonly SweepPoint[];
}

/** The series of one swept name. */
export interface SweepAxis {
  readonly name: string;
  readonly series: readonly SweepSeries[];
}

/** Returns the rows of a comparison by the values that a sweep gave them; empty without a sweep. */
export function sweepAxes(
  { variants, workloads }: Pick<JobPlan, 'variants' | 'workloads'>,
  rows: readonly ComparisonRow[],
): SweepAxis[] {
  const ofVariant = new Map(
    variants.map(({ name, side, swept }) => [`${side} ${name}`, swept ?? {}]),
  );
  const ofWorkload = new Map(workloads.map(({ label, swept }) => [label, swept ?? {}]));
  const values = rows.map((row) => ({
    ...ofWorkload.get(row.workload),
    ...ofVariant.get(`${row.side} ${row.variant}`),
  }));
  const names = [...new Set(values.flatMap((swept) => Object.keys(swept)))];
  return names.map((name) => {
    const series = new Map<string, { variant: string; workload: string; points: SweepPoint[] }>();
    for (const [index, row] of rows.entries()) {
      const value = values[index]![name];
      if (value === undefined) continue;
      const variant = `${without(row.variant, name, value)}${row.side === 'base' ? '@base' : ''}`;
      const workload = without(row.workload, name, value);
      const key = `${variant}\n${workload}`;
      const found = series.get(key) ?? { variant, workload, points: [] };
      found.points.push({ value, row });
      series.set(key, found);
    }
    return { name, series: [...series.values()] };
  });
}

/** Sorts points by their ratio to the baseline, the largest first; points without one come last. */
export function byCost(points: readonly SweepPoint[]): SweepPoint[] {
  const ratio = ({ row }: SweepPoint) => row.ratio?.ratio ?? -Infinity;
  return [...points].sort((a, b) => ratio(b) - ratio(a));
}

/** Removes a swept value from a name: `static limit=10` becomes `static`. */
function without(shown: string, name: string, value: SweptValue): string {
  return shown
    .split(' ')
    .filter((word) => word !== `${name}=${value}` && word !== value)
    .join(' ');
}
