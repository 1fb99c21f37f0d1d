// SPDX-License-Identifier: GPL-2.0-or-later
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { delayMs, retryAfterMs } from '#client/retry.js';
import { credentials } from '#action/credentials.js';
import { Service } from '#action/service.js';

/** A server's answers, in order; the last one repeats. */
let answers: { status: number; headers?: Record<string, string>; body?: unknown }[] = [];
let asked: string[] = [];
let server: Server;
let url: string;
const pauses: number[] = [];
const retryPolicy = {
  attempts: 4,
  random: () => 0.5,
  pause: (ms: number) => Promise.resolve(void pauses.push(ms)),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    const { status, headers, body } = answers.length > 1 ? answers.shift()! : answers[0]!;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    request.resume().on('end', () => response.end(JSON.stringify(body ?? {})));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  asked = [];
  pauses.length = 0;
});

const open = (token: string | null = null) =>
  new Service(url, () => Promise.resolve(token), retryPolicy, new AbortController().signal);
const error = (code: string, kind: string) => ({
  error: { code, kind, message: `said ${code}`, details: [] },
});

test('delays double up to half a minute, with jitter, unless the server names another delay', () => {
  expect([0, 1, 2, 9].map((attempt) => delayMs(attempt, null, () => 1))).toEqual([
    1_000, 2_000, 4_000, 30_000,
  ]);
  expect(delayMs(3, null, () => 0)).toBe(4_000);
  expect(delayMs(0, 7_000, () => 0)).toBe(7_000);
});

test('Retry-After accepts seconds or a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  expect([
    retryAfterMs('3', now),
    retryAfterMs('Thu, 01 Jan 2026 00:00:05 GMT', now),
    retryAfterMs(null, now),
    retryAfterMs('soon', now),
  ]).toEqual([3_000, 5_000, null, null]);
});

test.each([429, 500, 502, 503])(
  'status %i is retried, and Retry-After honoured',
  async (status) => {
    answers = [
      { status, headers: { 'retry-after': '2' } },
      { status },
      { status: 200, body: { ok: true } },
    ];

    expect(await open().get('/x')).toEqual({ ok: true });
    expect(pauses).toEqual([2_500, 1_500]);
  },
);

test.each([400, 403, 404, 409, 413, 422])('status %i is not retried', async (status) => {
  answers = [{ status, body: error('NOT_FOUND', 'user') }];

  await expect(open().get('/x')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    kind: 'user',
    message: 'said NOT_FOUND',
  });
  expect(asked).toHaveLength(1);
});

test('the last failed attempt is reported as a service failure', async () => {
  answers = [{ status: 503, body: error('UNAVAILABLE', 'infra') }];

  await expect(open().post('/x', {})).rejects.toMatchObject({ kind: 'infra', code: 'UNAVAILABLE' });
  expect(asked).toHaveLength(4);
});

test('an expired token is renewed once', async () => {
  answers = [
    { status: 401, body: error('UNAUTHENTICATED', 'user') },
    { status: 200, body: {} },
  ];
  let tokens = 0;
  await new Service(
    url,
    () => Promise.resolve(`t${++tokens}`),
    retryPolicy,
    new AbortController().signal,
  ).get('/x');

  expect(asked).toEqual(['GET /x Bearer t1', 'GET /x Bearer t2']);
});

test('a cancel request is sent once, also after the run was given up', async () => {
  answers = [{ status: 503 }];

  await expect(
    new Service(url, () => Promise.resolve('t'), retryPolicy, AbortSignal.abort()).cancel('j'),
  ).rejects.toThrow();
  expect(asked).toEqual(['POST /v1/jobs/j/cancel Bearer t']);
});

describe('the sign-in', () => {
  const signIn = (options: { token?: string; idToken?: () => Promise<string> }) => {
    const secrets: string[] = [];
    const give = credentials({
      serviceUrl: url,
      project: 'p',
      token: null,
      idToken: null,
      note: () => undefined,
      setSecret: (secret) => secrets.push(secret),
      ...options,
    });
    return { give, secrets };
  };

  test('exchanges an id-token first, caches the resulting token, and masks it', async () => {
    answers = [
      { status: 201, body: { token: 'qib_1', expiresAt: 'x' } },
      { status: 201, body: { token: 'qib_2', expiresAt: 'x' } },
    ];
    const { give, secrets } = signIn({ idToken: () => Promise.resolve('id'), token: 'other' });

    expect([await give(false), await give(false), await give(true)]).toEqual([
      'qib_1',
      'qib_1',
      'qib_2',
    ]);
    expect(secrets).toEqual(['other', 'qib_1', 'qib_2']);
    expect(asked).toHaveLength(2);
  });

  test('uses the token if the service does not accept id-tokens, and otherwise no token', async () => {
    answers = [{ status: 401, body: error('BAD_ID_TOKEN', 'user') }];

    expect(await signIn({ idToken: () => Promise.resolve('id'), token: 'qib_t' }).give(false)).toBe(
      'qib_t',
    );
    expect(await signIn({ idToken: () => Promise.resolve('id') }).give(false)).toBeNull();
    expect(await signIn({ token: 'qib_t' }).give(false)).toBe('qib_t');
    expect(await signIn({}).give(false)).toBeNull();
  });

  test('reports a repository without trust', async () => {
    answers = [{ status: 403, body: error('NOT_TRUSTED', 'user') }];

    await expect(
      signIn({ idToken: () => Promise.resolve('id') }).give(false),
    ).rejects.toMatchObject({ code: 'NOT_TRUSTED' });
  });
});
