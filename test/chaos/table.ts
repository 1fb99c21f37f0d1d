import type { Outcome } from './round.js';

/** Faults × rounds × findings, as Markdown. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = new Map<string, { rounds: number; struck: number; broken: number }>();
  for (const { strikes, struck, broken } of outcomes) {
    for (const [index, { fault }] of strikes.entries()) {
      const row = rows.get(fault) ?? { rounds: 0, struck: 0, broken: 0 };
      rows.set(fault, { rounds: row.rounds + 1, struck: row.struck + (struck[index] ? 1 : 0), broken: row.broken + (broken.length > 0 ? 1 : 0) });
    }
  }
  const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([fault, { rounds, struck, broken }]) => `| ${fault} | ${rounds} | ${struck} | ${broken} |`);
  return ['| fault | rounds | at its step | rounds with a broken invariant |', '|---|---|---|---|', ...lines, '', `${outcomes.length} rounds, ${outcomes.filter(({ broken }) => broken.length > 0).length} of them with a broken invariant.`].join('\n');
}
