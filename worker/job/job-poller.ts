// SPDX-License-Identifier: GPL-2.0-or-later
const POLL_MS = 5_000;

/**
 * Claims jobs one at a time, on every announcement and every `pollMs`. The interval is needed
 * because an announcement wakes a single worker, which may be unable to take the job. After a
 * successful poll it polls again immediately.
 *
 * @param take Claims a job and runs it; returns false if the queue had none for this worker; never
 *   throws.
 */
export function pollJobs(
  take: () => Promise<boolean>,
  pollMs = POLL_MS,
): { look(): Promise<void>; stop(): void } {
  let tail: Promise<unknown> = Promise.resolve();
  let looking = 0;
  let stopped = false;
  const queued = <T>(work: () => Promise<T>): Promise<T> => {
    looking += 1;
    const done = tail.then(work).finally(() => (looking -= 1));
    tail = done;
    return done;
  };
  const timer = setInterval(() => {
    if (looking === 0)
      void queued(async () => {
        while (!stopped && (await take()));
      });
  }, pollMs);
  return {
    look: () => queued(async () => void (stopped || (await take()))),
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
