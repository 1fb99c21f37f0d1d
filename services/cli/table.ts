import Table from 'cli-table3';
import type { Comparison, ComparisonRow } from '../contract/comparison.js';
import { printable } from './printable.js';

/** The comparison as people read it: one line per workload and variant, and below it what speaks against it. */
export function comparisonTable(comparison: Comparison): string {
  const table = new Table({
    head: ['workload', 'variant', comparison.metric === 'wallNs' ? 'median wall' : `median ${printable(comparison.metric)}`, `ratio to ${comparison.baseline}`, 'interval', 'ns/event', 'events', 'records stored', 'dropped'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'left', 'right', 'right', 'right', 'right'],
  });
  for (const row of comparison.rows) table.push(cells(row, comparison));
  return `${table.toString()}${comparison.mixedHosts ? '\nThese are samples of different hosts, or states of a host: the ratios may be the hosts\'.' : ''}`;
}

function cells(row: ComparisonRow, { metric, unit, baseline }: Comparison): string[] {
  const { ratio } = row;
  return [
    printable(row.workload),
    printable(row.variant),
    row.median === null ? '—' : unit === 'ns' ? `${(row.median / 1e6).toFixed(1)} ms` : `${row.median} ${printable(unit)}`,
    ratio === null ? (row.variant === baseline ? '1' : '—') : ratio.ratio.toFixed(3),
    ratio === null ? '—' : `[${ratio.low.toFixed(3)}, ${ratio.high.toFixed(3)}] at ${(100 * ratio.confidence).toFixed(1)} %`,
    row.nsPerEvent === null || metric !== 'wallNs' ? '—' : row.nsPerEvent.toFixed(1),
    row.events ?? '—',
    row.recordsStored ?? '—',
    row.recordsDropped ?? '—',
  ];
}
