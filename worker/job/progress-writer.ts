// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job } from '#contract/job.js';
import type { JobEventBody, Step } from '#contract/job-event.js';
import { recordTruncation } from '#store/truncations.js';
import { appendEvents } from '#store/events.js';
import { appendLog } from '#store/logs.js';
import type { Store } from '#store/store.js';
import type { Progress } from './progress.js';

const PROGRESS_MS = 500;

/** Writes the events and the log of a job to the store. */
export interface ProgressWriter {
  readonly progress: Progress;
  event(body: JobEventBody): void;
  flush(): Promise<void>;
}

/**
 * Creates the writer of a job. Events and log lines keep their order; progress is written at most
 * twice a second. The first write that fails stops the job.
 */
export function progressWriter(
  store: Store,
  job: Job,
  onError: (error: unknown) => void,
): ProgressWriter {
  let tail: Promise<void> = Promise.resolve();
  let unwritten: { step: Step; text: string } | null = null;
  /** Events that wait for an earlier write; the next write stores them together. */
  const events: JobEventBody[] = [];
  let lastProgressMs = 0;
  const truncations = new Set<string>();
  const write = (work: () => Promise<void>) => void (tail = tail.then(work).catch(onError));
  const event = (body: JobEventBody) => {
    writeLog();
    events.push(body);
    if (events.length === 1) write(() => appendEvents(store, job.id, job.epoch, events.splice(0)));
  };
  const writeLog = () => {
    if (unwritten === null) return;
    const { step, text } = unwritten;
    unwritten = null;
    write(() => appendLog(store, job.id, job.epoch, step, text));
  };
  const log = (step: Step, text: string) => {
    if (unwritten !== null && unwritten.step !== step) writeLog();
    unwritten = { step, text: (unwritten?.text ?? '') + text };
    if (unwritten.text.length > 16_384) writeLog();
  };
  return {
    event,
    async flush() {
      writeLog();
      await tail;
    },
    progress: {
      started: (step, what) => event({ type: 'step-started', step, what }),
      finished: (step, what, outcome) => event({ type: 'step-finished', step, what, ...outcome }),
      advanced(step, what, done, total) {
        const nowMs = performance.now();
        if (nowMs - lastProgressMs < PROGRESS_MS) return;
        lastProgressMs = nowMs;
        event({ type: 'step-progress', step, what, done, total });
      },
      log,
      truncated(step, what, limitBytes) {
        if (truncations.has(what)) return;
        truncations.add(what);
        log(step, `\n[qibench: ${what} is truncated at its limit of ${limitBytes} bytes]\n`);
        write(() => recordTruncation(store, job.id, job.epoch, { what, limitBytes }));
      },
    },
  };
}
