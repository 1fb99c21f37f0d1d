// SPDX-License-Identifier: GPL-2.0-or-later
import type { ComparisonRow, JobComparison } from './comparison.js';
import { perEventWords } from './verdict-words.js';

/** Ratio of event counts from which two sides did different work. */
const DIFFERENT_WORK = 1.1;

/**
 * Returns warnings about the work behind a comparison, a sentence each: head and base that handled
 * different numbers of events, with their costs per event, and variants that counted no event.
 */
export function workNotes({ rows }: Pick<JobComparison, 'rows'>): string[] {
  const heads = rows.filter(({ side }) => side === 'head');
  const different = heads.flatMap((head) => {
    const base = rows.find(
      ({ side, variant, workload }) =>
        side === 'base' && variant === head.variant && workload === head.workload,
    );
    return base !== undefined && differs(head, base) ? [differenceNote(head, base)] : [];
  });
  const silent = rows.filter(({ events }) => events === '0').map(silentNote);
  return [...different, ...silent];
}

function differs({ events: head }: ComparisonRow, { events: base }: ComparisonRow): boolean {
  if (head === null || base === null || head === base) return false;
  const [few, many] = [Number(head), Number(base)].sort((a, b) => a - b) as [number, number];
  return many > DIFFERENT_WORK * few;
}

function differenceNote(head: ComparisonRow, base: ComparisonRow): string {
  const [headCost, baseCost] = [perEventWords(head.cost), perEventWords(base.cost)];
  const cost =
    headCost === null || baseCost === null
      ? ''
      : `; cost per event: ${headCost} ns against ${baseCost} ns`;
  return (
    `${head.variant}, ${head.workload}: head handled ${grouped(head.events!)} events and base ` +
    `${grouped(base.events!)}, so their times are of different work${cost}.`
  );
}

function silentNote({ variant, side, workload }: ComparisonRow): string {
  return (
    `${variant}${side === 'base' ? '@base' : ''}, ${workload}: counted 0 events: the workload fires ` +
    'none of the selected events, or the instrumentation has no callback for them.'
  );
}

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');
