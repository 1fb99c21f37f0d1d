// SPDX-License-Identifier: GPL-2.0-or-later
import type { Outcome } from './round.js';
import { STEPS, type Step } from './steps.js';

interface Row {
  readonly struck: Map<Step, number>;
  missed: number;
  broken: number;
}

/** Formats faults × steps with strikes, missed steps and findings as Markdown. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = new Map<string, Row>();
  for (const { strikes, struck, broken } of outcomes) {
    for (const [index, { fault, step }] of strikes.entries()) {
      const row = rows.get(fault) ?? { struck: new Map<Step, number>(), missed: 0, broken: 0 };
      rows.set(fault, row);
      if (struck[index]) row.struck.set(step, (row.struck.get(step) ?? 0) + 1);
      else row.missed += 1;
      if (broken.length > 0) row.broken += 1;
    }
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([fault, { struck, missed, broken }]) =>
        `| ${[fault, ...STEPS.map((step) => struck.get(step) ?? 0), missed, broken].join(' | ')} |`,
    );
  const head = ['fault', ...STEPS, 'step missed', 'broken'];
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---|').join('')}`,
    ...lines,
    '',
    `${outcomes.length} rounds of ${(seconds / Math.max(outcomes.length, 1)).toFixed(1)} s ` +
      `on average, ${outcomes.filter(({ broken }) => broken.length > 0).length} of them with a ` +
      'broken invariant.',
  ].join('\n');
}
