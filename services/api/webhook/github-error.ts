import { passes, retryAfterMs } from '../../client/retry.js';
import { QibenchError } from '../../contract/error.js';

/** An answer of GitHub that is no success. UNAVAILABLE: another attempt may succeed; GITHUB_REFUSED: none will. */
export class GitHubError extends QibenchError {
  private constructor(
    code: 'UNAVAILABLE' | 'GITHUB_REFUSED',
    values: { readonly what: string; readonly reason: string },
    readonly status: number,
    /** How long GitHub asks to wait; null where it does not say. */
    readonly waitMs: number | null,
  ) {
    super(code, values);
  }

  static async of(what: string, response: Response, nowMs: number): Promise<GitHubError> {
    const said = ((await response.json().catch(() => null)) as { message?: unknown } | null)
      ?.message;
    const waitMs =
      limitMs(response, nowMs) ?? retryAfterMs(response.headers.get('retry-after'), nowMs);
    const passing =
      passes(response.status) ||
      (response.status === 403 && (waitMs !== null || /rate limit/i.test(String(said))));
    const answer = `${response.status}${typeof said === 'string' ? ` (${said.slice(0, 200)})` : ''}`;
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

/** Until the primary limit is over; null if it is not reached. Source: docs.github.com, "Rate limits for the REST API", "Exceeding the rate limit". */
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

/** For an answer that began well. Errors: what is ours as it is, else UNAVAILABLE. */
export function brokeOff(error: unknown): never {
  if (error instanceof QibenchError) throw error;
  throw new QibenchError(
    'UNAVAILABLE',
    {
      what: 'GitHub',
      reason: `its answer broke off: ${error instanceof Error ? error.message : String(error)}`,
    },
    { cause: error },
  );
}
