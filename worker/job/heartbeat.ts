import { removeWorker, reportWorker, type WorkerReport } from '../../services/store/workers.js';
import type { Store } from '../../services/store/store.js';

const REPORT_MS = 5_000;

/** Shows that this worker runs and what it does. */
export interface Heartbeat {
  update(
    now: Partial<Pick<WorkerReport, 'jobId' | 'hostFingerprint' | 'notReady' | 'engine'>>,
  ): void;
  /** Time since the last report that got through. */
  silentSeconds(): number;
  stop(): Promise<void>;
}

/** Reports the worker at once, at every change and every five seconds. A later report makes up for a failed one. */
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
