// SPDX-License-Identifier: GPL-2.0-or-later
/** A transient error: retrying may succeed. `retryAfterMs` is the delay the server requested. */
export class TransientError extends Error {
  constructor(
    message: string,
    readonly retryAfterMs: number | null,
  ) {
    super(message);
    this.name = 'TransientError';
  }
}

export interface RetryPolicy {
  readonly attempts: number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly random: () => number;
}

const FIRST_MS = 1_000;
/** Longest delay for interactive callers; background tasks may use a longer one. */
const LONGEST_MS = 30_000;
/** Longest delay that a server may request; beyond it the error is final. */
const REQUESTED_LONGEST_MS = 300_000;

/**
 * Returns the delay after a failed attempt: the server's, else an exponential backoff. Jitter
 * keeps many clients from retrying at the same time.
 * @param attempt Number of the failed attempt, from 0.
 * @param requestedMs Delay in ms that the server requests; null if it requests none.
 */
export function delayMs(
  attempt: number,
  requestedMs: number | null,
  random: () => number,
  longestMs = LONGEST_MS,
): number {
  const longest = Math.min(longestMs, FIRST_MS * 2 ** attempt);
  return requestedMs === null ? longest * (0.5 + random() / 2) : requestedMs + random() * FIRST_MS;
}

/**
 * Parses `Retry-After`, which is a number of seconds or a date; null if it is missing or invalid.
 * @see RFC 9110, 10.2.3.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** Returns whether a response status is a transient error. */
export function isTransient(status: number): boolean {
  return status === 429 || status >= 500;
}

/**
 * Retries transient errors, up to a number of attempts.
 * @throws The error of the last attempt.
 */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  { attempts, pause, random }: RetryPolicy,
): Promise<T> {
  for (let done = 0; ; done++) {
    try {
      return await attempt();
    } catch (error) {
      if (
        !(error instanceof TransientError) ||
        done + 1 >= attempts ||
        (error.retryAfterMs ?? 0) > REQUESTED_LONGEST_MS
      )
        throw error;
      await pause(delayMs(done, error.retryAfterMs, random));
    }
  }
}
