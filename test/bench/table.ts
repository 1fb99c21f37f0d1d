// SPDX-License-Identifier: GPL-2.0-or-later
import { clopperPearson } from '#statistics/clopper-pearson.js';

/** Formats a Markdown table. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(head) + `|${'---|'.repeat(head.length)}\n` + rows.map(line).join('');
}

/** Formats `3 of 40 (8 % [2, 20])`, with the exact 95 % interval. */
export function share(count: number, total: number): string {
  if (total === 0) return '';
  const { low, high } = clopperPearson(count, total);
  const percent = (value: number) => (100 * value).toFixed(0);
  return `${count} of ${total} (${percent(count / total)} % [${percent(low)}, ${percent(high)}])`;
}

/** Returns the smallest value that at least `part` of the values do not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
}
