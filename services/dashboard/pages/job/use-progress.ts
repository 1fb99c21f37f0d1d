// SPDX-License-Identifier: GPL-2.0-or-later
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { JobEvent } from '#contract/job-event.js';
import { addressOf } from '../../http/address.js';
import { hasEnded } from '../../components/has-ended.js';
import { advance, NO_PROGRESS, type Progress } from './progress.js';

const RECONNECT_MS = 3_000;
/** Interval between renders: events arrive in bursts. */
const SHOW_MS = 100;

/** Returns a job's live progress. A change of its state refetches every query about the job. */
export function useProgress(id: string): { progress: Progress; connected: boolean } {
  const client = useQueryClient();
  const [progress, setProgress] = useState(NO_PROGRESS);
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    let source: EventSource;
    let waiting: JobEvent[] = [];
    let showTimer: ReturnType<typeof setTimeout> | undefined;
    let reconnectTimer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      const events = waiting;
      waiting = [];
      showTimer = undefined;
      setProgress((before) => events.reduce(advance, before));
      if (events.some(({ body }) => body.type === 'state'))
        void client.invalidateQueries({ queryKey: ['job', id] });
    };
    const connect = () => {
      source = new EventSource(addressOf(`/v1/jobs/${id}/events`));
      source.onopen = () => setConnected(true);
      source.onmessage = ({ data }: MessageEvent<string>) => {
        const event = JSON.parse(data) as JobEvent;
        waiting.push(event);
        showTimer ??= setTimeout(show, SHOW_MS);
        if (event.body.type === 'state' && hasEnded(event.body.state)) source.close();
      };
      source.onerror = () => {
        setConnected(false);
        // The browser reconnects after a broken connection, but not after an answer that is not a
        // stream.
        if (source.readyState === EventSource.CLOSED)
          reconnectTimer = setTimeout(connect, RECONNECT_MS);
      };
    };
    connect();
    return () => {
      source.close();
      clearTimeout(showTimer);
      clearTimeout(reconnectTimer);
    };
  }, [client, id]);
  return { progress, connected };
}
