// SPDX-License-Identifier: GPL-2.0-or-later
import { printable } from '#client/printable.js';
import type { Reported } from '#contract/reported.js';
import { shownVariant } from '#contract/side.js';
import { measuredText } from './amount.js';
import { render, type Column } from './render.js';

/**
 * Formats the metrics that the user's code printed: a line per workload and metric, a column per
 * variant with the median, and the smallest and the largest value if runs differ.
 */
export function reportedText(reported: readonly Reported[]): string {
  const variants = [
    ...new Set(reported.flatMap(({ values }) => values.map((value) => nameOf(value)))),
  ];
  const columns: Column<Reported>[] = [
    { head: 'workload', cell: ({ workload }) => printable(workload) },
    { head: 'metric', cell: ({ name }) => printable(name) },
    ...variants.map((variant) => ({
      head: printable(variant),
      cell: ({ values, unit }: Reported) => valueText(values, variant, unit),
      right: true,
    })),
  ];
  return `reported by your code\n${render(columns, reported)}`;
}

function valueText(values: Reported['values'], variant: string, unit: string): string | null {
  const value = values.find((one) => nameOf(one) === variant);
  if (value === undefined) return null;
  const text = (number: number) => measuredText(number, printable(unit));
  const { median, low, high } = value;
  return low === high ? text(median) : `${text(median)} [${text(low)}, ${text(high)}]`;
}

const nameOf = ({ variant, side }: Reported['values'][number]): string =>
  shownVariant({ name: variant, side });
