// SPDX-License-Identifier: GPL-2.0-or-later
import { ErrorBody, type ErrorDetail, type ErrorKind } from '#contract/error.js';
import type { Job, JobRequest } from '#contract/job.js';
import {
  TransientError,
  isTransient,
  withRetry,
  retryAfterMs,
  type RetryPolicy,
} from '#client/retry.js';

const CANCEL_LIMIT_MS = 3_000;
const ANSWER_LIMIT_MS = 60_000;

/** An error that the service reported, or the failure to reach it. */
export class ServiceError extends Error {
  constructor(
    message: string,
    readonly kind: ErrorKind,
    readonly code: string,
    readonly details: readonly ErrorDetail[] = [],
  ) {
    super(message);
    this.name = 'ServiceError';
  }
}

/**
 * Returns a token for the Authorization header; null for a service that needs none.
 * @param again The service refused the last token.
 */
export type Credentials = (again: boolean) => Promise<string | null>;

/** JSON client of one qibench service. Retries transient errors and renews an expired token. */
export class Service {
  constructor(
    readonly url: string,
    private readonly credentials: Credentials,
    private readonly retryPolicy: RetryPolicy,
    private readonly signal: AbortSignal,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.#json<T>(path, {});
  }

  post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
    return this.#json<T>(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  upload<T>(path: string, tar: Buffer): Promise<T> {
    return this.#json<T>(path, {
      method: 'POST',
      body: new Uint8Array(tar),
      headers: { 'content-type': 'application/x-tar' },
    });
  }

  /** Returns the response itself, for streams. Makes one attempt. */
  open(path: string, headers: Record<string, string>): Promise<Response> {
    return this.#fetch(path, { headers }, this.signal);
  }

  /**
   * Submits a request again, with a short time limit, after its answer was lost. The same key
   * returns the same job.
   */
  async submitted(request: JobRequest, key: string): Promise<Job> {
    const init = {
      method: 'POST',
      body: JSON.stringify(request),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
    };
    return (await (
      await this.#fetch('/v1/jobs', init, AbortSignal.timeout(CANCEL_LIMIT_MS))
    ).json()) as Job;
  }

  /** Cancels a job with a short time limit, even after `signal` has aborted. */
  async cancel(jobId: string): Promise<void> {
    await this.#fetch(
      `/v1/jobs/${jobId}/cancel`,
      { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } },
      AbortSignal.timeout(CANCEL_LIMIT_MS),
    );
  }

  throwIfGivenUp(): void {
    this.signal.throwIfAborted();
  }

  async #json<T>(path: string, init: RequestInit): Promise<T> {
    try {
      return await withRetry(async () => {
        const signal = AbortSignal.any([this.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
        const response = await this.#fetch(path, init, signal);
        return (await response.json().catch((error: unknown) => {
          throw new TransientError(`the answer of ${this.url} broke off (${String(error)})`, null);
        })) as T;
      }, this.retryPolicy);
    } catch (error) {
      throw error instanceof TransientError
        ? new ServiceError(error.message, 'infra', 'UNAVAILABLE')
        : error;
    }
  }

  async #fetch(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    for (const again of [false, true]) {
      const token = await this.credentials(again);
      const response = await this.#once(
        path,
        {
          ...init,
          headers: {
            ...init.headers,
            ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          },
        },
        signal,
      );
      if (response.ok) return response;
      if (response.status !== 401 || again || token === null)
        throw await this.#errorOf(path, response);
    }
    throw new Error('not reached');
  }

  async #once(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(this.url + path, { ...init, signal, redirect: 'error' });
    } catch (error) {
      this.signal.throwIfAborted();
      const cause =
        error instanceof Error && error.cause instanceof Error
          ? error.cause.message || error.cause.name
          : String(error);
      throw new TransientError(`no qibench service answers at ${this.url} (${cause})`, null);
    }
  }

  async #errorOf(path: string, response: Response): Promise<Error> {
    const body = (await response.json().catch(() => null)) as { error?: unknown } | null;
    const known = ErrorBody.safeParse(body?.error);
    const message = known.success
      ? known.data.message
      : `${this.url}${path} answered ${response.status}`;
    if (isTransient(response.status))
      return new TransientError(
        message,
        retryAfterMs(response.headers.get('retry-after'), Date.now()),
      );
    if (!known.success) return new ServiceError(message, 'infra', 'UNAVAILABLE');
    return new ServiceError(message, known.data.kind, known.data.code, known.data.details);
  }
}

/** Returns the address of the job's page. */
export function jobPage(serviceUrl: string, job: Pick<Job, 'id'>): string {
  return `${serviceUrl}/jobs/${job.id}`;
}
