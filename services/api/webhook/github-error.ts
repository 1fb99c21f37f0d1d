// SPDX-License-Identifier: GPL-2.0-or-later
import { isTransient, retryAfterMs } from '#client/retry.js';
import { QibenchError } from '#contract/error.js';

/** Error response of GitHub. UNAVAILABLE: a retry may succeed. GITHUB_REFUSED: it will not. */
export class GitHubError extends QibenchError {
  private constructor(
    code: 'UNAVAILABLE' | 'GITHUB_REFUSED',
    values: { readonly what: string; readonly reason: string },
    readonly status: number,
    /** Delay that GitHub requests before a retry; null if it requests none. */
    readonly waitMs: number | null,
  ) {
    super(code, values);
  }

  static async fromResponse(what: string, response: Response, nowMs: number): Promise<GitHubError> {
    const message = ((await response.json().catch(() => null)) as { message?: unknown } | null)
      ?.message;
    const waitMs =
      limitMs(response, nowMs) ?? retryAfterMs(response.headers.get('retry-after'), nowMs);
    const passing =
      isTransient(response.status) ||
      (response.status === 403 && (waitMs !== null || /rate limit/i.test(String(message))));
    const answer = `${response.status}${typeof message === 'string' ? ` (${message.slice(0, 200)})` : ''}`;
    if (passing)
      return new GitHubError(
        'UNAVAILABLE',
        { what: 'GitHub', reason: `${what} answered ${answer}` },
        response.status,
        waitMs,
      );
    return new GitHubError('GITHUB_REFUSED', { what, reason: answer }, response.status, waitMs);
  }
}

/**
 * Returns the time until the primary rate limit resets; null if it is not reached.
 * @see docs.github.com, "Rate limits for the REST API", "Exceeding the rate limit".
 */
function limitMs({ status, headers }: Response, nowMs: number): number | null {
  const reset = Number(headers.get('x-ratelimit-reset') ?? NaN);
  if (
    ![403, 429].includes(status) ||
    headers.get('x-ratelimit-remaining') !== '0' ||
    Number.isNaN(reset)
  )
    return null;
  return Math.max(0, reset * 1000 - nowMs);
}

/**
 * Converts an error that interrupted a successful response. Rethrows a QibenchError unchanged.
 * @throws {UNAVAILABLE} The error is any other.
 */
export function brokeOff(error: unknown): never {
  if (error instanceof QibenchError) throw error;
  throw new QibenchError(
    'UNAVAILABLE',
    {
      what: 'GitHub',
      reason: `its response was cut off: ${error instanceof Error ? error.message : String(error)}`,
    },
    { cause: error },
  );
}
