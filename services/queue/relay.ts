// SPDX-License-Identifier: GPL-2.0-or-later
import { listen } from '#store/listen.js';
import { takeOutbox, type OutboxRow } from '#store/outbox.js';
import { reapJobs } from '#store/jobs.js';
import { OUTBOX_CHANNEL, type Store } from '#store/store.js';
import type { Log } from '#telemetry/log.js';
import type { JobQueue } from './queue.js';
import { repeat } from './repeat.js';

const POLL_MS = 5_000;
const REAP_MS = 10_000;

/**
 * Sends outbox rows to the queue: at once when notified, otherwise every POLL_MS. A crash between
 * sending a row and marking it sends the row twice, which the claim tolerates.
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

/**
 * Requeues (or fails) jobs whose lease has expired, every REAP_MS. Announcements that the queue has
 * lost need no repair, because workers also poll. Several reapers may run: each step is one atomic
 * update.
 */
export function startReaper(store: Store, parentLog: Log): () => Promise<void> {
  const log = parentLog.child({ task: 'reaper' });
  const reap = async () => {
    const jobs = await reapJobs(store);
    if (jobs > 0) log.warn({ jobs }, 'leases expired');
  };
  return repeat(REAP_MS, reap, log).stop;
}
