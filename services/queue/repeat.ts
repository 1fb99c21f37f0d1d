// SPDX-License-Identifier: GPL-2.0-or-later
import type { Log } from '#telemetry/log.js';

/** Runs `work` now, then whenever woken or after the interval, never concurrently. */
export function repeat(
  intervalMs: number,
  work: () => Promise<void>,
  log: Log,
): { wake(): void; stop(): Promise<void> } {
  let stopped = false;
  let woken = false;
  let wake: () => void = () => undefined;
  const loop = (async () => {
    while (!stopped) {
      woken = false;
      await work().catch((error: unknown) => log.error({ err: error }, 'failed; will be retried'));
      if (stopped || woken) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, intervalMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    wake: () => {
      woken = true;
      wake();
    },
    stop: () => {
      stopped = true;
      wake();
      return loop;
    },
  };
}
