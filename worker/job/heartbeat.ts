import { removeWorker, reportWorker, type WorkerReport } from '../../services/store/workers.js';
import type { Store } from '../../services/store/store.js';

const REPORT_MS = 5_000;

/** Lets others see that this worker runs and what it does. */
export interface Presence {
  doing(
    now: Partial<Pick<WorkerReport, 'jobId' | 'hostFingerprint' | 'notReady' | 'engine'>>,
  ): void;
  /** Since the last report that got through. */
  silentSeconds(): number;
  leave(): Promise<void>;
}

/** Report at once, at every change, and every some seconds; a report that does not get through is made up for by the next. */
export async function enter(
  store: Store,
  worker: Omit<WorkerReport, 'jobId' | 'hostFingerprint' | 'notReady' | 'engine' | 'startedAt'>,
): Promise<Presence> {
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
    doing(now) {
      report = { ...report, ...now };
      send();
    },
    silentSeconds: () => (performance.now() - reportedMs) / 1000,
    async leave() {
      clearInterval(timer);
      await tail;
      await removeWorker(store, report).catch(() => undefined);
    },
  };
}
