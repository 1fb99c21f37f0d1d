// SPDX-License-Identifier: GPL-2.0-or-later
import type { Step } from '#contract/job-event.js';

/** Receives the progress of a job's steps. The job runner stores it; tests collect it. */
export interface Progress {
  started(step: Step, what: string): void;
  advanced(step: Step, what: string, done: number, total: number): void;
  finished(
    step: Step,
    what: string,
    outcome: { durationMs: number; cached: boolean; key: string | null },
  ): void;
  log(step: Step, text: string): void;
  /** Reports that `what` was truncated at its limit, in the log and in the job's `truncations`. */
  truncated(step: Step, what: string, limitBytes: number): void;
}

/** Runs one step and reports its start and end. `work` returns whether the result was cached. */
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
