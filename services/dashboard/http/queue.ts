// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Queue, QueueEntry } from '#contract/queue.js';
import { get } from './client.js';

const POLL_MS = 3_000;

/**
 * Returns the jobs that have not ended, by id; undefined until the first answer. Polls while the
 * page is visible, and refetches the lists of jobs when a state changes.
 */
export function useQueue(): ReadonlyMap<string, QueueEntry> | undefined {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ['queue'],
    queryFn: ({ signal }) => get<Queue>('/v1/queue', signal),
    refetchInterval: POLL_MS,
  });
  const states = data?.jobs.map(({ jobId, state }) => `${jobId} ${state}`).join();
  const before = useRef(states);
  useEffect(() => {
    if (before.current !== undefined && before.current !== states)
      void client.invalidateQueries({ queryKey: ['jobs'] });
    before.current = states;
  }, [client, states]);
  return data === undefined ? undefined : new Map(data.jobs.map((entry) => [entry.jobId, entry]));
}
