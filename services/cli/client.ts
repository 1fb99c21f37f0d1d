// SPDX-License-Identifier: GPL-2.0-or-later
import { ErrorBody, type ErrorDetail, type ErrorKind } from '#contract/error.js';

/** Error that the service reported, or failure to reach the service. */
export class ServiceError extends Error {
  constructor(
    message: string,
    readonly details: readonly ErrorDetail[],
    readonly kind: ErrorKind,
    readonly code: string,
  ) {
    super(message);
    this.name = 'ServiceError';
  }
}

/** JSON client for one qibench service, with an optional token. */
export class Client {
  readonly #token: string | undefined;

  constructor(
    readonly server: string,
    token?: string,
  ) {
    this.#token = token;
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>(path, {});
  }

  post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
    return this.#call<T>(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>(path, {
      method: 'PATCH',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  }

  delete<T>(path: string): Promise<T> {
    return this.#call<T>(path, { method: 'DELETE' });
  }

  upload<T>(path: string, tar: Buffer): Promise<T> {
    return this.#call<T>(path, {
      method: 'POST',
      body: new Uint8Array(tar),
      headers: { 'content-type': 'application/x-tar' },
    });
  }

  /** Returns the address that a path redirects to; null if it does not redirect. */
  async redirectOf(path: string): Promise<string | null> {
    return (await this.#fetch(path, { redirect: 'manual' })).headers.get('location');
  }

  /** Sends a GET request and returns the response itself, for streams. */
  async open(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#fetch(path, { headers });
  }

  async #call<T>(path: string, init: RequestInit): Promise<T> {
    return (await (await this.#fetch(path, init)).json()) as T;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.server + path, {
        ...init,
        headers: {
          ...init.headers,
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
      });
    } catch (error) {
      const cause =
        error instanceof Error && error.cause instanceof Error
          ? error.cause.message
          : String(error);
      throw new ServiceError(
        `no qibench service answers at ${this.server} (${cause}); start one with: ./qibench up`,
        [],
        'infra',
        'UNAVAILABLE',
      );
    }
    if (response.ok || (init.redirect === 'manual' && response.status < 400)) return response;
    const body = (await response.json().catch(() => null)) as { error?: unknown } | null;
    const error = ErrorBody.safeParse(body?.error);
    if (!error.success)
      throw new ServiceError(
        `${this.server}${path} answered ${response.status}`,
        [],
        'infra',
        'UNAVAILABLE',
      );
    throw new ServiceError(
      error.data.message,
      error.data.details,
      error.data.kind,
      error.data.code,
    );
  }
}
