// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose';
import { idTokenVerifier } from '#api/auth/github.js';
import type { Job } from '#contract/job.js';
import type { NewToken } from '#contract/token.js';
import { Client } from '#cli/client.js';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';

const AUDIENCE = 'https://qibench.example';
const request = {
  name: 'github',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_*'],
  variants: ['none', 'idle'],
  workloads: [{ name: 'port-io', parameters: { writes: 10 } }],
  blocks: 6,
};

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

let keys: Key[];
let issuer: string;
let server: Server;
let api: ClosedApi;
let admin: Client;

beforeAll(async () => {
  keys = [await newKey()];
  server = createServer((incoming, response) => {
    if (incoming.url !== '/.well-known/jwks') return void response.writeHead(404).end();
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  issuer = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  api = await startClosedApi({
    QIBENCH_GITHUB_ISSUER: issuer,
    QIBENCH_GITHUB_AUDIENCE: AUDIENCE,
    QIBENCH_FAILURES_PER_MINUTE: '100000',
  });
  admin = (await api.token({ scopes: ['admin'] })).client;
}, 60_000);
afterAll(async () => {
  await api.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function newKey(): Promise<Key> {
  const kid = randomUUID();
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  return {
    kid,
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' },
  };
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** GitHub's claims for a push to main. */
const claims = (more: Record<string, unknown> = {}) => ({
  iss: issuer,
  aud: AUDIENCE,
  sub: 'repo:o/r:ref:refs/heads/main',
  jti: randomUUID(),
  iat: nowSeconds(),
  nbf: nowSeconds(),
  exp: nowSeconds() + 300,
  repository: 'o/r',
  repository_id: '4711',
  repository_owner_id: '1',
  ref: 'refs/heads/main',
  event_name: 'push',
  run_id: '9',
  ...more,
});

function sign(
  payload: Record<string, unknown>,
  { kid, privateKey }: Key = keys[0]!,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid, ...header })
    .sign(privateKey);
}

const exchange = (idToken: string, project?: string) =>
  api.ask(
    'POST',
    '/v1/tokens/github',
    {},
    { idToken, ...(project === undefined ? {} : { project }) },
  );
let repositories = 10_000;
/** Trusts a repository with its own project. */
async function trusted(
  more: Record<string, unknown> = {},
): Promise<{ project: string; repository_id: string; trust: string }> {
  const project = `p-${randomUUID()}`;
  const repository_id = String((repositories += 1));
  const { id } = await admin.post<{ id: string }>('/v1/trusts', {
    project,
    repositoryId: repository_id,
    repository: 'o/r',
    ...more,
  });
  return { project, repository_id, trust: id };
}

test(
  'a workflow of a trusted repository gets a short-lived token of its project, which submits ' +
    'jobs of that project only',
  async () => {
    const { project, repository_id } = await trusted();
    const { status, body, headers } = await exchange(await sign(claims({ repository_id })));
    const token = body as NewToken;

    expect([status, token]).toMatchObject([
      201,
      { kind: 'github', project, scopes: ['jobs:read', 'jobs:write'], name: 'github o/r run 9' },
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Date.parse(token.expiresAt!) - Date.now()).toBeLessThanOrEqual(15 * 60_000);
    const workflow = new Client(api.url, token.token);
    const job = await workflow.post<Job>('/v1/jobs', request);
    expect(job.request.project).toBe(project);
    await expect(workflow.post('/v1/jobs', { ...request, project: 'other' })).rejects.toMatchObject(
      {
        code: 'OTHER_PROJECT',
      },
    );
    await expect(workflow.get('/v1/tokens')).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
    expect((await api.ask('POST', '/v1/session', {}, { token: token.token })).status).toBe(201);

    // A long job: another id-token, another token, the same job.
    const renewed = (await exchange(await sign(claims({ repository_id })))).body as NewToken;
    expect((await api.ask('GET', `/v1/jobs/${job.id}`, bearer(renewed.token))).status).toBe(200);
  },
);

test('the tokens of a workflow run, and their sessions, share one rate limit', async () => {
  const { repository_id } = await trusted();
  const strict = await startClosedApi({
    QIBENCH_GITHUB_ISSUER: issuer,
    QIBENCH_GITHUB_AUDIENCE: AUDIENCE,
    QIBENCH_REQUESTS_PER_MINUTE: '20',
  });
  try {
    const tokenOf = async (run: string): Promise<string> => {
      const idToken = await sign(claims({ repository_id, run_id: run }));
      const { body } = await strict.ask('POST', '/v1/tokens/github', {}, { idToken });
      return (body as NewToken).token;
    };
    const [first, second, other] = [await tokenOf('1'), await tokenOf('1'), await tokenOf('2')];
    const { headers } = await strict.ask('POST', '/v1/session', {}, { token: second });
    const cookie = headers.get('set-cookie')!.split(';')[0]!;

    const callers = [bearer(first), bearer(second), { cookie }];
    const statuses = [];
    for (let count = 0; count < 24; count += 1)
      statuses.push((await strict.ask('GET', '/v1/qemu', callers[count % 3])).status);
    expect(statuses).toEqual([...new Array<number>(20).fill(200), 429, 429, 429, 429]);
    expect((await strict.ask('GET', '/v1/qemu', bearer(other))).status).toBe(200);
  } finally {
    await strict.stop();
  }
}, 60_000);

test('an id-token is accepted once, even if it is sent twice at the same time', async () => {
  const { repository_id } = await trusted();
  const idToken = await sign(claims({ repository_id }));
  const both = await Promise.all([exchange(idToken), exchange(idToken)]);

  expect(both.map(({ status }) => status).sort()).toEqual([201, 401]);
  expect((await exchange(idToken)).body).toMatchObject({
    error: { code: 'BAD_ID_TOKEN', message: expect.stringContaining('used before') },
  });
});

test.each([
  ['another issuer', { iss: 'https://token.actions.githubusercontent.com.evil.example' }],
  ['the audience that GitHub gives by default', { aud: 'https://github.com/o' }],
  ['several audiences', { aud: [AUDIENCE, 'https://other.example'] }],
  ['no audience', { aud: undefined }],
  ['an expired end', { exp: Math.floor(Date.now() / 1000) - 61 }],
  ['an age of more than ten minutes', { iat: Math.floor(Date.now() / 1000) - 601 }],
  ['a start in the future', { nbf: Math.floor(Date.now() / 1000) + 120 }],
  ['an issue time in the future', { iat: Math.floor(Date.now() / 1000) + 120 }],
  ['no end', { exp: undefined }],
  ['no id', { jti: undefined }],
  ['a repository without a number', { repository_id: undefined }],
  ['a repository whose number is a name', { repository_id: 'o/r' }],
])('an id-token with %s is refused', async (_, wrong) => {
  const { repository_id } = await trusted();
  expect((await exchange(await sign(claims({ repository_id, ...wrong })))).code).toBe(
    'BAD_ID_TOKEN',
  );
});

test('an id-token needs a signature by a key of the issuer, with RS256', async () => {
  const { repository_id } = await trusted();
  const payload = claims({ repository_id });
  const stranger = await newKey();
  const good = await sign(payload);
  const [header, , signature] = good.split('.');
  // The issuer may have keys for other uses; their signatures do not count here.
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const other = { kid: randomUUID(), privateKey, jwk: await exportJWK(publicKey) };
  keys.push({ ...other, jwk: { ...other.jwk, kid: other.kid, use: 'sig', alg: 'ES256' } });
  const forged = [
    new UnsecuredJWT(payload).encode(),
    await new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', kid: keys[0]!.kid })
      .sign(new TextEncoder().encode(JSON.stringify(keys[0]!.jwk).padEnd(64))),
    await new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', kid: other.kid })
      .sign(privateKey),
    await sign(payload, { ...stranger, kid: keys[0]!.kid }),
    await sign(payload, stranger, { jwk: stranger.jwk, jku: `${issuer}/other` }),
    `${header}.${Buffer.from(JSON.stringify({ ...payload, repository_id: '1' })).toString('base64url')}.${signature}`,
    `${good}x`,
    good.split('.').slice(0, 2).join('.'),
    '',
    '..',
    'x',
  ];
  for (const idToken of forged)
    expect([idToken, (await exchange(idToken)).code]).toEqual([idToken, 'BAD_ID_TOKEN']);
  const direct = idTokenVerifier({ issuer, audience: AUDIENCE });
  for (const idToken of forged)
    await expect(direct(idToken)).rejects.toMatchObject({ code: 'BAD_ID_TOKEN' });
  expect((await exchange(good)).status).toBe(201);
});

test(
  'a repository without trust for this ref or event gets no token, nor does one of the same ' +
    'name',
  async () => {
    const { repository_id, trust } = await trusted({
      ref: 'refs/heads/release-*',
      events: ['push'],
    });
    const refused = async (more: Record<string, unknown>) =>
      (await exchange(await sign(claims({ repository_id, ref: 'refs/heads/release-1', ...more }))))
        .code;

    expect(await refused({})).toBeNull();
    expect(await refused({ repository_id: '99999999' })).toBe('NOT_TRUSTED');
    expect(await refused({ ref: 'refs/heads/main' })).toBe('NOT_TRUSTED');
    for (const event_name of ['pull_request', 'pull_request_target', 'workflow_run'])
      expect(await refused({ event_name })).toBe('NOT_TRUSTED');
    await admin.delete(`/v1/trusts/${trust}`);
    expect(await refused({})).toBe('NOT_TRUSTED');
    await expect(
      admin.post('/v1/trusts', {
        project: 'p',
        repositoryId: '1',
        events: ['pull_request_target'],
      }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  },
);

test('a repository trusted with two projects must name one', async () => {
  const { repository_id, project } = await trusted();
  await admin.post('/v1/trusts', { project: 'second', repositoryId: repository_id });

  expect((await exchange(await sign(claims({ repository_id })))).body).toMatchObject({
    error: { code: 'INVALID_REQUEST', message: expect.stringContaining('second') },
  });
  expect((await exchange(await sign(claims({ repository_id })), project)).body).toMatchObject({
    project,
  });
  expect((await exchange(await sign(claims({ repository_id })), 'third')).code).toBe('NOT_TRUSTED');
});

test('keys that the issuer changed are fetched again, and withdrawn keys are refused', async () => {
  const verify = idTokenVerifier({ issuer, audience: AUDIENCE, cooldownMs: 0 });
  const [old, next] = [keys[0]!, await newKey()];
  expect(await verify(await sign(claims(), old))).toMatchObject({ repository_id: '4711' });
  keys = [next];
  try {
    expect(await verify(await sign(claims(), next))).toMatchObject({ repository_id: '4711' });
    await expect(verify(await sign(claims(), old))).rejects.toMatchObject({ code: 'BAD_ID_TOKEN' });
  } finally {
    keys = [old];
  }
});

test('an issuer that does not answer is reported as unavailable, not as an invalid token', async () => {
  const verify = idTokenVerifier({ issuer: `${issuer}/nothing`, audience: AUDIENCE });
  await expect(verify(await sign(claims()))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
