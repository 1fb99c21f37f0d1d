// SPDX-License-Identifier: GPL-2.0-or-later
import { removeWorker, reportWorker, type WorkerReport } from '#store/workers.js';
import type { Store } from '#store/store.js';

const REPORT_MS = 5_000;

/** Reports that this worker runs, and its current job. */
export interface Heartbeat {
  /** Changes the report and sends it. */
  update(
    now: Partial<Pick<WorkerReport, 'jobId' | 'hostFingerprint' | 'notReady' | 'engine'>>,
  ): void;
  /** Returns the time since the last successful report. */
  silentSeconds(): number;
  stop(): Promise<void>;
}

/**
 * Sends the first report, then one at every change and every REPORT_MS. A failed report is not
 * retried: the next one replaces it.
 */
export async function startHeartbeat(
  store: Store,
  worker: Omit<WorkerReport, 'jobId' | 'hostFingerprint' | 'notReady' | 'engine' | 'startedAt'>,
): Promise<Heartbeat> {
  let report: WorkerReport = {
    ...worker,
    jobId: null,
    hostFingerprint: null,
    notReady: null,
    engine: null,
    startedAt: new Date(),
  };
  let tail = reportWorker(store, report);
  await tail;
  let reportedMs = performance.now();
  const send = () =>
    void (tail = tail
      .then(() => reportWorker(store, report))
      .then(() => void (reportedMs = performance.now()))
      .catch(() => undefined));
  const timer = setInterval(send, REPORT_MS);
  return {
    update(now) {
      report = { ...report, ...now };
      send();
    },
    silentSeconds: () => (performance.now() - reportedMs) / 1000,
    async stop() {
      clearInterval(timer);
      await tail;
      await removeWorker(store, report).catch(() => undefined);
    },
  };
}
