import type { Step } from '../../services/contract/job-event.js';

/** Where a job's steps tell what they do; the consumer writes it to the store, tests collect it. */
export interface Progress {
  started(step: Step, what: string): void;
  advanced(step: Step, what: string, done: number, total: number): void;
  finished(
    step: Step,
    what: string,
    outcome: { durationMs: number; cached: boolean; key: string | null },
  ): void;
  log(step: Step, text: string): void;
  /** Something is not whole, as it had reached its limit; it is marked in the log and with the job. */
  cut(step: Step, what: string, limitBytes: number): void;
}

/** Run one step and report its beginning and end. `work` says whether its result was there already. */
export async function track<T extends { cached: boolean; key: string | null }>(
  progress: Progress,
  step: Step,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const startedMs = performance.now();
  progress.started(step, what);
  const result = await work();
  progress.finished(step, what, {
    durationMs: Math.round(performance.now() - startedMs),
    cached: result.cached,
    key: result.key,
  });
  return result;
}
