// SPDX-License-Identifier: GPL-2.0-or-later
/** Reason of a signal that ends the command. */
export class Interrupted extends Error {}

/**
 * Returns a signal that aborts when this process shall end: at Ctrl-C, SIGTERM, or when its terminal
 * closes. Further signals have no effect, because the parts are being stopped.
 */
export function interruption(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => ending.abort(new Interrupted(signal)));
  return ending.signal;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
