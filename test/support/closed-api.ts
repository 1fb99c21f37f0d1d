// SPDX-License-Identifier: GPL-2.0-or-later
import type { TokenRequest } from '#contract/token.js';
import { secretDigest, newSecret } from '#api/auth/secret.js';
import { Client } from '#cli/client.js';
import { insertToken } from '#store/tokens.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from './api-process.js';

export interface ClosedApi {
  readonly url: string;
  readonly store: Store;
  /** The output of the process. */
  output(): string;
  /** The log and the warnings of the process, unless it shares the log of the tests. */
  logged(): string;
  /** Creates a token and a client that uses it. Returns the token's id and secret too. */
  token(request?: Partial<TokenRequest>): Promise<{ id: string; secret: string; client: Client }>;
  /** Sends a request. Returns its status and error code. */
  ask(
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: unknown,
  ): Promise<{ status: number; code: string | null; body: unknown; headers: Headers }>;
  stop(): Promise<void>;
}

/** Starts an API that requires tokens, in its own process. */
export async function startClosedApi(
  settings: Record<string, string> = {},
  log: 'inherit' | 'pipe' = 'inherit',
): Promise<ClosedApi> {
  const store = await openStore(process.env.TEST_DATABASE_URL!);
  const api = await startApi({ QIBENCH_OPEN_ON_LOOPBACK: '0', ...settings }, log);
  const url = api.client.server;
  return {
    url,
    store,
    output: api.output,
    logged: api.logged,
    async token(request = {}) {
      const secret = newSecret();
      const { id } = await insertToken(store.pool, {
        name: 'test',
        project: null,
        scopes: ['jobs:read', 'jobs:write'],
        expiresAt: null,
        ...request,
        kind: 'token',
        digest: secretDigest(secret),
      });
      return { id, secret, client: new Client(url, secret) };
    },
    async ask(method, path, headers = {}, body) {
      const json = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...json,
      });
      const text = await response.text();
      const answer: unknown = text.startsWith('{') ? JSON.parse(text) : text;
      const code = (answer as { error?: { code?: string } }).error?.code ?? null;
      return { status: response.status, code, body: answer, headers: response.headers };
    },
    async stop() {
      await api.stop();
      await store.close();
    },
  };
}

export const bearer = (secret: string): Record<string, string> => ({
  authorization: `Bearer ${secret}`,
});
