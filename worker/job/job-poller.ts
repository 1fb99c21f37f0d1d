const POLL_MS = 5_000;

/**
 * One look for a job at a time: whenever one is announced, and every some seconds, because an announcement wakes one
 * worker, which may not be one that can take the job. What is found by a poll is followed by another look at once.
 *
 * @param take claims a job and does it; false if there was none; never throws
 */
export function lookForJobs(
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
