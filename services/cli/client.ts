// SPDX-License-Identifier: GPL-2.0-or-later
import { serviceUrl } from '#client/service-url.js';
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
  readonly server: string;
  readonly #token: string | undefined;

  /**
   * @param name Option or setting that names the server.
   * @throws {BAD_USAGE} The server is not a URL.
   */
  constructor(server: string, token?: string, name = '--server') {
    this.server = serviceUrl(server, name);
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
    const response = await this.#fetch(path, init);
    try {
      return (await response.json()) as T;
    } catch (error) {
      throw this.#strange(path, error instanceof SyntaxError ? 'no JSON' : String(error));
    }
  }

  /** Returns the error of an answer that no qibench service gives. */
  #strange(path: string, answer: string): ServiceError {
    return new ServiceError(
      `${this.server}${path} answered with ${answer}; is ${this.server} a qibench service?`,
      [],
      'infra',
      'UNAVAILABLE',
    );
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
          ? reasonOf(error.cause)
          : String(error);
      throw new ServiceError(
        `no qibench service answers at ${this.server} (${cause}); start one with: ./qibench up`,
        [],
        'infra',
        'UNAVAILABLE',
      );
    }
    if (response.ok || (init.redirect === 'manual' && response.status < 400)) {
      if (!response.headers.get('content-type')?.startsWith('text/html')) return response;
      await response.body?.cancel();
      throw this.#strange(path, 'a web page');
    }
    const body = (await response.json().catch(() => null)) as { error?: unknown } | null;
    const error = ErrorBody.safeParse(body?.error);
    if (!error.success)
      throw this.#strange(path, `status ${response.status} and no error of qibench`);
    throw new ServiceError(
      error.data.message,
      error.data.details,
      error.data.kind,
      error.data.code,
    );
  }
}

/** Returns why no connection was made; a server without TLS causes a message of the TLS library. */
function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ERR_SSL_WRONG_VERSION_NUMBER' ? 'it does not use TLS; try http://' : message;
}
