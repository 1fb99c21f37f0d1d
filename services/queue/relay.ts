import { listen } from '../store/listen.js';
import { takeOutbox } from '../store/outbox.js';
import { reapJobs } from '../store/jobs.js';
import { OUTBOX_CHANNEL, type Store } from '../store/store.js';
import { expireTraces, type TraceLimits } from '../store/trace-retention.js';
import type { JobQueue } from './queue.js';

const POLL_MS = 5_000;
const REAP_MS = 10_000;
const EXPIRE_MS = 60_000;

/**
 * Carries outbox rows to the queue: at once when told, every few seconds otherwise. A crash between the announcement
 * and its mark announces twice, which the claim absorbs.
 */
export async function startRelay(store: Store, queue: JobQueue, onError: (error: unknown) => void): Promise<() => Promise<void>> {
  const relay = repeat(POLL_MS, async () => void (await takeOutbox(store, (row) => queue.announce(row.jobId, row.id))), onError);
  const unlisten = await listen(store, OUTBOX_CHANNEL, relay.wake);
  return async () => {
    await unlisten();
    await relay.stop();
  };
}

/** Puts lost and forgotten jobs right, every few seconds. Several may run: each step is one atomic update. */
export function startReaper(store: Store, onError: (error: unknown) => void): () => Promise<void> {
  return repeat(REAP_MS, async () => void (await reapJobs(store)), onError).stop;
}

/** Removes records of traces that are too old or too many, every minute. Several may run, as reapers may. */
export function startTraceExpiry(store: Store, limits: TraceLimits, onError: (error: unknown) => void): () => Promise<void> {
  return repeat(EXPIRE_MS, async () => void (await expireTraces(store, limits)), onError).stop;
}

/** Do `work` now, then whenever woken or after the interval, never twice at once. */
function repeat(intervalMs: number, work: () => Promise<void>, onError: (error: unknown) => void): { wake(): void; stop(): Promise<void> } {
  let stopped = false;
  let woken = false;
  let wake: () => void = () => undefined;
  const loop = (async () => {
    while (!stopped) {
      woken = false;
      await work().catch(onError);
      if (stopped || woken) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, intervalMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    wake: () => {
      woken = true;
      wake();
    },
    stop: () => {
      stopped = true;
      wake();
      return loop;
    },
  };
}
