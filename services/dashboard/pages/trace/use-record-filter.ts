// SPDX-License-Identifier: GPL-2.0-or-later
import type { Trace } from '#contract/trace.js';
import { useAddress } from './use-address.js';

export interface RecordFilter {
  /** Name of the only event; empty for all. */
  readonly event: string;
  /** Conditions on arguments. */
  readonly where: readonly string[];
}

/**
 * Returns the filter of a trace's records, which the address stores, and a function that changes
 * it.
 * @param second Whether the trace stands beside the page's own.
 */
export function useRecordFilter(
  trace: Trace,
  second: boolean,
): [RecordFilter, (change: Partial<RecordFilter>) => void] {
  const [search, change] = useAddress();
  const names = second
    ? ({ event: 'withEvent', where: 'withWhere' } as const)
    : ({ event: 'event', where: 'where' } as const);
  const named = search.get(names.event) ?? '';
  const event = trace.events.some(({ name }) => name === named) ? named : '';
  const filter = { event, where: search.getAll(names.where) };
  return [
    filter,
    (changes) => {
      const next = { ...filter, ...changes };
      change({ [names.event]: next.event, [names.where]: next.where });
    },
  ];
}
