// SPDX-License-Identifier: GPL-2.0-or-later
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { AuditList } from '#contract/audit.js';
import type { NewToken, Session, TokenList } from '#contract/token.js';
import { newSecret } from '#api/auth/secret.js';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';

let api: ClosedApi;
beforeAll(async () => {
  api = await startClosedApi({ QIBENCH_FAILURES_PER_MINUTE: '100000' });
}, 60_000);
afterAll(() => api.stop());

const statusOf = async (headers: Record<string, string>) =>
  (await api.ask('GET', '/v1/jobs', headers)).status;

async function signedIn(
  secret: string,
): Promise<{ cookie: string; setCookie: string; status: number }> {
  const { headers, status } = await api.ask(
    'POST',
    '/v1/session',
    { origin: api.url },
    { token: secret },
  );
  const setCookie = headers.get('set-cookie') ?? '';
  return { cookie: setCookie.split(';')[0]!, setCookie, status };
}

test('an administrator creates tokens, lists them without secrets, and revokes them', async () => {
  const { client } = await api.token({ scopes: ['admin'] });
  const made = await client.post<NewToken>('/v1/tokens', {
    name: 'ci',
    project: 'p',
    scopes: ['jobs:read'],
  });

  expect(made.token).toMatch(/^qib_[0-9a-f]{48}_[0-9a-f]{8}$/);
  expect(await statusOf(bearer(made.token))).toBe(200);
  const { tokens } = await client.get<TokenList>('/v1/tokens');
  expect(tokens.find(({ id }) => id === made.id)).toMatchObject({
    name: 'ci',
    project: 'p',
    lastUsedAt: expect.any(String),
  });
  expect(JSON.stringify(tokens)).not.toContain('qib_');
  expect(
    (await api.store.pool.query('SELECT * FROM token')).rows
      .map((row) => JSON.stringify(row))
      .join(),
  ).not.toContain(made.token.slice(4, 52));

  await client.delete(`/v1/tokens/${made.id}`);
  expect((await api.ask('GET', '/v1/jobs', bearer(made.token))).body).toMatchObject({
    error: { code: 'UNAUTHENTICATED', message: expect.stringContaining('revoked') },
  });
  await expect(
    client.post('/v1/tokens', { name: 'x', project: 'p', scopes: ['admin'] }),
  ).rejects.toThrow('admin applies to all projects');
});

test('expired, incomplete, unknown and malformed tokens are refused', async () => {
  const { secret } = await api.token({ expiresAt: new Date(Date.now() - 1).toISOString() });
  const good = await api.token();
  const flipped = good.secret.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const refused = await api.ask('GET', '/v1/jobs', bearer(flipped));

  expect(refused.body).toMatchObject({
    error: { message: expect.stringContaining('is it complete?') },
  });
  expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  const wrong = [
    secret,
    flipped,
    newSecret(),
    good.secret.slice(0, -1),
    good.secret.toUpperCase(),
    `${good.secret} `.repeat(2),
    '__proto__',
    'constructor',
    "' OR 1=1 --",
    good.id,
  ];
  for (const token of wrong) expect([token, await statusOf(bearer(token))]).toEqual([token, 401]);
  for (const authorization of [
    good.secret,
    `Basic ${good.secret}`,
    `Bearer  ${good.secret}`,
    `Bearer ${good.secret},${good.secret}`,
    'Bearer',
    'Bearer ',
  ])
    expect([authorization, await statusOf({ authorization })]).toEqual([authorization, 401]);
  for (const path of [`/v1/jobs?token=${good.secret}`, `/v1/jobs?access_token=${good.secret}`])
    expect((await api.ask('GET', path)).status).toBe(401);
  expect(await statusOf({ authorization: `bearer ${good.secret}` })).toBe(200);
});

test('a huge Authorization header is refused, and the service stays up', async () => {
  expect(await statusOf(bearer('x'.repeat(8_000)))).toBe(401);
  expect(await statusOf(bearer('x'.repeat(100_000)))).toBe(431);
  expect((await api.ask('GET', '/v1/health')).status).toBe(200);
});

test(
  'a browser session is a cookie hidden from scripts, other sites and hosts; signing out or ' +
    'revoking its token ends it',
  async () => {
    const { secret, id } = await api.token({ project: 'p' });
    const admin = await api.token({ scopes: ['admin'] });
    const { cookie, setCookie, status } = await signedIn(secret);

    expect(status).toBe(201);
    expect(setCookie).toMatch(
      /^__Host-qibench=qib_\S+; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=4\d{4}$/,
    );
    expect(setCookie).not.toContain(secret);
    expect((await api.ask('GET', '/v1/session', { cookie })).body).toMatchObject<Partial<Session>>({
      project: 'p',
      scopes: ['jobs:read', 'jobs:write'],
      open: false,
    });
    // The cookie's secret is not a token, and a token is not a cookie.
    expect(await statusOf(bearer(cookie.split('=')[1]!))).toBe(401);
    expect(await statusOf({ cookie: `__Host-qibench=${secret}` })).toBe(401);
    expect(await statusOf({ cookie: `${cookie}; ${cookie}` })).toBe(401);
    expect((await signedIn(cookie.split('=')[1]!)).status).toBe(401);

    const out = await api.ask('DELETE', '/v1/session', { cookie, origin: api.url });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      200,
      expect.stringContaining('Max-Age=0'),
    ]);
    expect(await statusOf({ cookie })).toBe(401);

    const again = await signedIn(secret);
    expect(await statusOf({ cookie: again.cookie })).toBe(200);
    await admin.client.delete(`/v1/tokens/${id}`);
    expect(await statusOf({ cookie: again.cookie })).toBe(401);
  },
);

test('a page of another site cannot use the cookie for a change or a sign-in', async () => {
  const { secret } = await api.token();
  const { cookie } = await signedIn(secret);
  const forged = { project: 'p', commit: 'c', reason: 'r' };

  for (const origin of [
    'https://evil.example',
    'null',
    `${api.url}.evil.example`,
    `http://localhost:${new URL(api.url).port}`,
    '',
  ]) {
    expect([origin, (await api.ask('POST', '/v1/marks', { cookie, origin }, forged)).code]).toEqual(
      [origin, 'OTHER_SITE'],
    );
  }
  expect((await api.ask('POST', '/v1/marks', { cookie }, forged)).code).toBe('OTHER_SITE');
  expect(
    (await api.ask('POST', '/v1/session', { origin: 'https://evil.example' }, { token: secret }))
      .code,
  ).toBe('OTHER_SITE');
  expect((await api.ask('POST', '/v1/marks', { cookie, origin: api.url }, forged)).status).toBe(
    201,
  );
  expect(
    (
      await api.ask('OPTIONS', '/v1/marks', {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
      })
    ).headers.get('access-control-allow-origin'),
  ).toBeNull();
});

test('no spelling of an address bypasses the access table', async () => {
  const paths = [
    '//v1/jobs',
    '/v1//jobs',
    '/v1/jobs/',
    '/./v1/jobs',
    '/docs/../v1/jobs',
    '/docs/%2e%2e/v1/jobs',
    '/assets/%2e%2e/v1/jobs',
    '/assets/..%2fv1%2fjobs',
    '/V1/JOBS',
    '/v1/jobs;x',
    '/v1/jobs%00',
    '/v1%2fjobs',
    '/%761/jobs',
    '/v1/jobs%3f',
    '/v1/jobs%zz',
    'http://127.0.0.1/v1/jobs',
    '/v1/jobs#/docs',
  ];
  for (const path of paths) {
    const { status, body } = await raw(path);
    expect([path, [400, 401, 404, 422].includes(status)]).toEqual([path, true]);
    expect(body).not.toContain('"jobs"');
  }
  for (const override of [
    'x-http-method-override',
    'x-original-url',
    'x-rewrite-url',
    'x-forwarded-prefix',
  ])
    expect(await statusOf({ [override]: '/v1/health' })).toBe(401);
});

test('a body that would change prototypes is refused', async () => {
  const { secret } = await api.token({ project: 'p' });
  for (const body of [
    '{"__proto__":{"project":"p"},"name":"x"}',
    '{"constructor":{"prototype":{"project":"x"}}}',
  ]) {
    const response = await fetch(`${api.url}/v1/jobs`, {
      method: 'POST',
      headers: { ...bearer(secret), 'content-type': 'application/json' },
      body,
    });
    expect([body, response.status]).toEqual([body, 422]);
  }
});

test('the audit log records changes and refusals with their subjects, and no secret', async () => {
  const admin = await api.token({ scopes: ['admin'], name: 'boss' });
  const { secret } = await api.token({ name: 'reader', scopes: ['jobs:read'] });
  const name = `made-${process.pid}`;
  const made = await admin.client.post<NewToken>('/v1/tokens', { name, scopes: ['jobs:read'] });
  await admin.client.get('/v1/tokens');
  await api.ask('POST', '/v1/marks?secret=qib_x', bearer(secret), {
    project: 'p',
    commit: 'c',
    reason: 'r',
  });
  await api.ask('GET', '/v1/jobs', bearer(newSecret()));

  const { entries } = await admin.client.get<AuditList>('/v1/audit?limit=3');
  expect(entries).toMatchObject([
    { subject: 'anonymous', action: 'GET /v1/jobs', outcome: 'UNAUTHENTICATED', ip: '127.0.0.1' },
    {
      subject: expect.stringMatching(/^reader \(/),
      action: 'POST /v1/marks',
      object: '/v1/marks',
      outcome: 'SCOPE_MISSING',
    },
    { subject: expect.stringMatching(/^boss \(/), action: 'POST /v1/tokens', outcome: 'ok' },
  ]);
  const all = JSON.stringify((await api.store.pool.query('SELECT * FROM audit')).rows);
  for (const kept of [made.token, 'qib_', '__Host-']) expect(all).not.toContain(kept);
});

test('a header that a bare carriage return would split in two is refused', async () => {
  const { secret } = await api.token();
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () =>
      socket.end(
        `GET /v1/jobs HTTP/1.1\r\nHost: x\r\nX: a\rAuthorization: Bearer ` +
          `${secret}\r\nConnection: close\r\n\r\n`,
      ),
    );
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400/);
});

/** Sends a GET of exactly this path, without a token: fetch would normalise the path. */
function raw(path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      { host: '127.0.0.1', port: new URL(api.url).port, path },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode!, body }));
      },
    );
    call.once('error', reject);
    call.end();
  });
}
