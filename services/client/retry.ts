/** What another attempt may mend; `retryAfterMs` is what the server asked for. */
export class PassingError extends Error {
  constructor(
    message: string,
    readonly retryAfterMs: number | null,
  ) {
    super(message);
    this.name = 'PassingError';
  }
}

export interface Patience {
  readonly attempts: number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly random: () => number;
}

const FIRST_MS = 1_000;
/** Of somebody who waits; what goes on in the background may wait longer. */
const LONGEST_MS = 30_000;
/** A server that asks for more is not waited for. */
const ASKED_LONGEST_MS = 300_000;

/** How long to wait after a failed attempt (the first is 0): what the server asked for, else twice as long each time, with jitter so that many clients do not come back together. */
export function delayMs(
  attempt: number,
  asked: number | null,
  random: () => number,
  longestMs = LONGEST_MS,
): number {
  const longest = Math.min(longestMs, FIRST_MS * 2 ** attempt);
  return asked === null ? longest * (0.5 + random() / 2) : asked + random() * FIRST_MS;
}

/** `Retry-After`: seconds or a date. Source: RFC 9110, 10.2.3. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** Whether an answer of a server may be another next time. */
export function passes(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Try until it works, or fails in a way that does not pass. The last failure is thrown. */
export async function persistently<T>(
  attempt: () => Promise<T>,
  { attempts, pause, random }: Patience,
): Promise<T> {
  for (let done = 0; ; done++) {
    try {
      return await attempt();
    } catch (error) {
      if (
        !(error instanceof PassingError) ||
        done + 1 >= attempts ||
        (error.retryAfterMs ?? 0) > ASKED_LONGEST_MS
      )
        throw error;
      await pause(delayMs(done, error.retryAfterMs, random));
    }
  }
}
