import { listen } from '../store/listen.js';
import { takeOutbox, type OutboxRow } from '../store/outbox.js';
import { reapJobs } from '../store/jobs.js';
import { OUTBOX_CHANNEL, type Store } from '../store/store.js';
import { expireTraces, type TraceLimits } from '../store/trace-retention.js';
import type { Log } from '../telemetry/log.js';
import type { JobQueue } from './queue.js';
import { repeat } from './repeat.js';

const POLL_MS = 5_000;
const REAP_MS = 10_000;
const EXPIRE_MS = 60_000;

/**
 * Carries outbox rows to the queue: at once when told, every few seconds otherwise. A crash between the announcement
 * and its mark announces twice, which the claim absorbs.
 */
export async function startRelay(
  store: Store,
  queue: JobQueue,
  parentLog: Log,
): Promise<() => Promise<void>> {
  const log = parentLog.child({ task: 'relay' });
  const announce = async (rows: readonly OutboxRow[]) => {
    await queue.wakeWorkers(rows);
    for (const { id, jobId } of rows) log.info({ jobId, outboxId: id }, 'job announced');
  };
  const relay = repeat(POLL_MS, async () => void (await takeOutbox(store, announce)), log);
  const unlisten = await listen(store, OUTBOX_CHANNEL, relay.wake);
  return async () => {
    await unlisten();
    await relay.stop();
  };
}

/** Puts lost jobs right, every few seconds. What the queue has forgotten needs nobody: workers look by themselves. Several may run: each step is one atomic update. */
export function startReaper(store: Store, parentLog: Log): () => Promise<void> {
  const log = parentLog.child({ task: 'reaper' });
  const reap = async () => {
    const jobs = await reapJobs(store);
    if (jobs > 0) log.warn({ jobs }, 'lost jobs queued again');
  };
  return repeat(REAP_MS, reap, log).stop;
}

/** Removes records of traces that are too old or too many, every minute. Several may run, as reapers may. */
export function startTraceExpiry(store: Store, limits: TraceLimits, log: Log): () => Promise<void> {
  return repeat(
    EXPIRE_MS,
    async () => void (await expireTraces(store, limits)),
    log.child({ task: 'trace-expiry' }),
  ).stop;
}
