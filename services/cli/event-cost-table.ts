// SPDX-License-Identifier: GPL-2.0-or-later
import { printable } from '#client/printable.js';
import type { Comparison } from '#contract/comparison.js';
import type { JobPlan } from '#contract/job.js';
import { ratioWords } from '#contract/interval-words.js';
import { SWEPT_EVENT } from '#contract/constants.js';
import { byCost, sweepAxes, type SweepPoint } from '#contract/sweep-figures.js';
import { perEventWords } from '#contract/verdict-words.js';
import { render, type Column } from './render.js';

/**
 * Formats what every event of a sweep of events costs: a table per variant and workload, the most
 * expensive event first. Empty without such a sweep.
 */
export function eventCostText(plan: JobPlan, { rows, baseline }: Comparison): string[] {
  const axis = sweepAxes(plan, rows).find(({ name }) => name === SWEPT_EVENT);
  const columns: Column<SweepPoint>[] = [
    { head: 'event', cell: ({ value }) => printable(String(value)) },
    {
      head: `ratio to ${baseline}`,
      cell: ({ row }) => row.ratio?.ratio.toFixed(3) ?? null,
      right: true,
    },
    { head: 'interval', cell: ({ row }) => (row.ratio === null ? null : ratioWords(row.ratio)) },
    { head: 'ns/event', cell: ({ row }) => perEventWords(row.cost), right: true },
    { head: 'events', cell: ({ row }) => row.events, right: true },
  ];
  return (axis?.series ?? []).flatMap(({ variant, workload, points }) => [
    `each event alone: ${printable(variant)} with ${printable(workload)}`,
    render(columns, byCost(points)),
  ]);
}
