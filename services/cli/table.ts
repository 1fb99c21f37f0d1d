import Table from 'cli-table3';
import type { Comparison, ComparisonRow } from '../contract/comparison.js';
import { printable } from './printable.js';

/** The comparison as people read it: one line per workload and variant. */
export function comparisonTable(comparison: Comparison): string {
  const table = new Table({
    head: ['workload', 'variant', 'median wall', `ratio to ${comparison.baseline}`, 'interval', 'ns/event', 'events', 'records stored', 'dropped'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'left', 'right', 'right', 'right', 'right'],
  });
  for (const row of comparison.rows) table.push(cells(row));
  return table.toString();
}

function cells(row: ComparisonRow): string[] {
  const { ratio } = row;
  return [
    printable(row.workload),
    printable(row.variant),
    `${(row.medianWallNs / 1e6).toFixed(1)} ms`,
    ratio === null ? '1' : ratio.ratio.toFixed(3),
    ratio === null ? '—' : `[${ratio.low.toFixed(3)}, ${ratio.high.toFixed(3)}] at ${(100 * ratio.confidence).toFixed(1)} %`,
    row.nsPerEvent === null ? '—' : row.nsPerEvent.toFixed(1),
    row.events ?? '—',
    row.recordsStored ?? '—',
    row.recordsDropped ?? '—',
  ];
}
