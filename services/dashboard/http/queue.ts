import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Queue, QueueEntry } from '../../contract/queue.js';
import { get } from './client.js';

const POLL_MS = 3_000;

/** Jobs that have not ended, by id; undefined until that is known. Asked again and again while the page is visible; when a state changes, so are the lists of jobs. */
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
