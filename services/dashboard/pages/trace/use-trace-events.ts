// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Declaration } from '#contract/argument-text.js';
import type { Trace } from '#contract/trace.js';
import type { TraceEventList } from '#contract/trace-query.js';
import { get } from '../../http/client.js';

/** Queries the statistics and formats of a trace's events. They never change. */
export function useTraceEvents(id: string) {
  return useQuery({
    queryKey: ['trace-events', id],
    queryFn: ({ signal }) => get<TraceEventList>(`/v1/traces/${id}/events`, signal),
    staleTime: Infinity,
  });
}

/** Returns the declarations of a trace's events, by name; without formats until they are loaded. */
export function useDeclarations(trace: Trace): ReadonlyMap<string, Declaration> {
  const { data } = useTraceEvents(trace.id);
  return useMemo(() => {
    const events: readonly (Declaration & { name: string })[] =
      data?.events ?? trace.events.map((event) => ({ ...event, format: null }));
    return new Map(events.map((event) => [event.name, event]));
  }, [data, trace]);
}
