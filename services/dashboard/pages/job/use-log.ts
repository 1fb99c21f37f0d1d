// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useState } from 'react';
import type { LogPage } from '#contract/job-event.js';
import { get, withQuery } from '../../http/client.js';
import { plainText } from './log-text.js';

/** Number of lines kept in the page; a whole log may have 16 MiB. */
export const KEPT_LINES = 3_000;
const POLL_MS = 1_000;

export interface LogPiece {
  readonly sequence: number;
  readonly text: string;
  readonly lines: number;
}

export interface Log {
  readonly pieces: readonly LogPiece[];
  /** Earlier pieces have been dropped. */
  readonly truncated: boolean;
  readonly failed: unknown;
}

/**
 * Returns the newest lines of a job's log, up to its end. Fetches nothing while the page is hidden.
 */
export function useLog(id: string): Log {
  const [log, setLog] = useState<Log>({ pieces: [], truncated: false, failed: null });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    let after = 0;
    const fetchMore = async () => {
      let again: number | null = POLL_MS;
      try {
        if (!document.hidden) {
          const page = await get<LogPage>(
            withQuery(`/v1/jobs/${id}/logs`, { after, limit: 1000 }),
            abort.signal,
          );
          const isNew = page.next > after;
          after = page.next;
          if (isNew) setLog((before) => extended(before, page));
          again = isNew ? 0 : page.ended ? null : POLL_MS;
        }
      } catch (failed) {
        if (abort.signal.aborted) return;
        setLog((before) => ({ ...before, failed }));
      }
      if (again !== null) timer = setTimeout(() => void fetchMore(), again);
    };
    void fetchMore();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id]);
  return log;
}

function extended(log: Log, page: LogPage): Log {
  const added = page.chunks.map(({ sequence, text }) => {
    const plain = plainText(text);
    return { sequence, text: plain, lines: plain.split('\n').length };
  });
  const pieces = [...log.pieces, ...added];
  let lines = 0;
  let first = pieces.length;
  while (first > 0 && lines < KEPT_LINES) lines += pieces[--first]!.lines;
  return { pieces: pieces.slice(first), truncated: log.truncated || first > 0, failed: null };
}
