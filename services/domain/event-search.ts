// SPDX-License-Identifier: GPL-2.0-or-later
import type { EventQuery, TraceEvent } from '#contract/qemu.js';
import { globMatcher } from './glob.js';

/** Returns the trace events that meet all conditions of a query. */
export function searchEvents(
  events: readonly TraceEvent[],
  query: Omit<EventQuery, 'limit'>,
): TraceEvent[] {
  const contains = query.contains?.toLowerCase() ?? '';
  const argument = query.argument?.toLowerCase() ?? '';
  const matches = globMatcher(query.match);
  return events.filter(
    (event) =>
      matches(event.name) &&
      event.name.toLowerCase().includes(contains) &&
      event.directory.startsWith(query.directory ?? '') &&
      (argument === '' ||
        event.arguments.some(({ type, name }) =>
          `${type} ${name}`.toLowerCase().includes(argument),
        )) &&
      (query.kind === undefined || event.kinds.includes(query.kind)) &&
      !(query.enabled && event.properties.includes('disable')),
  );
}
