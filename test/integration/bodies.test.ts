// SPDX-License-Identifier: GPL-2.0-or-later
import { connect } from 'node:net';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { acceptJob, claimJob, getJob } from '#store/jobs.js';
import { measuredJob } from '#support/measured-job.js';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';
import { newSampleOf } from '#support/sample.js';

let api: ClosedApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await startClosedApi({ QIBENCH_FAILURES_PER_MINUTE: '1000' }, 'pipe');
  headers = bearer((await api.token()).secret);
}, 60_000);
afterAll(() => api.stop());

const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends bytes as they are. */
async function post(path: string, body: string | Buffer, more: Record<string, string>) {
  const response = await fetch(api.url + path, { method: 'POST', headers: more, body });
  const { error } = (await response.json()) as { error?: { code: string; message: string } };
  return { status: response.status, code: error?.code, message: error?.message ?? '' };
}
const nested = (levels: number, inner = '') => '['.repeat(levels) + inner + ']'.repeat(levels);

test.each(['/v1/session', '/v1/tokens/github', '/v1/jobs', '/v1/imports', '/v1/marks'])(
  '%s takes JSON only: a tar is for uploads',
  async (path) => {
    const answer = await post(path, Buffer.alloc(20_000), {
      ...headers,
      'content-type': 'application/x-tar',
    });
    expect(answer).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(answer.message).toContain('send JSON as application/json');
  },
);

test.each([
  ['/v1/session', 32],
  ['/v1/tokens/github', 32],
  ['/v1/marks', 64],
  ['/v1/jobs', 1024],
  ['/v1/imports', 1024],
])('the body of %s may have %i KiB', async (path, kibibytes) => {
  const body = (bytes: number) => JSON.stringify({ x: 'x'.repeat(bytes - 8) });
  const most = await post(path, body(kibibytes * 1024), { ...headers, ...JSON_TYPE });
  expect(most.code).toBe('INVALID_REQUEST');
  const more = await post(path, body(kibibytes * 1024 + 1), { ...headers, ...JSON_TYPE });
  expect(more).toMatchObject({ status: 413, code: 'TOO_LARGE' });
  expect(more.message).toContain(String(kibibytes * 1024));
});

test.each<[string, string | Buffer, string]>([
  ['an array', '[1]', 'is not a JSON object'],
  ['a text', '"a"', 'is not a JSON object'],
  ['null', 'null', 'is not a JSON object'],
  [
    'many fields',
    `{"token":{${Array.from({ length: 65 }, (_, at) => `"k${at}":1`)}}}`,
    '64 fields',
  ],
  ['a key twice', '{"token":"a","token":"b"}', '(body): has the key "token" twice'],
  ['a key twice within a field', '{"token":{"a":1,"a":1}}', 'has the key "a" twice'],
  ['Latin-1', Buffer.from('{"token":"ä"}', 'latin1'), '(body): is not UTF-8 text'],
  ['UTF-16', Buffer.from('{"token":"a"}', 'utf16le'), 'is not UTF-8 text'],
  ['JSON that nests 33 levels', `{"token":${nested(32)}}`, '32 levels'],
  ['JSON that nests 10,000 levels', `{"token":${nested(10_000)}}`, '32 levels'],
])('%s is refused before it is read as a request', async (_, body, message) => {
  expect(await post('/v1/session', body, JSON_TYPE)).toMatchObject({
    status: 422,
    code: 'INVALID_REQUEST',
    message: expect.stringContaining(message),
  });
});

test('a byte order mark of UTF-8 before a body is not part of it', async () => {
  const answer = await post('/v1/session', '\ufeff{"token":"x"}', JSON_TYPE);
  expect(answer).toMatchObject({ code: 'UNAUTHENTICATED' });
});

test.each([
  ['a key twice', '"document":{"a":{"b":1,"b":2}}', '(body): has the key "b" twice'],
  ['an empty document', '"document":""', 'document: is empty; send the JSON document itself'],
  ['null as document', '"document":null', 'document: is empty'],
  ['no document', '"variant":"v"', 'document: is empty'],
])('an import with %s is refused with the field', async (_, field, message) => {
  const body = `{"format":"bmf","project":"p","host":"h",${field}}`;
  const answer = await post('/v1/imports', body, { ...headers, ...JSON_TYPE });
  expect(answer).toMatchObject({ status: 422, code: 'INVALID_REQUEST' });
  expect(answer.message).toContain(message);
});

test('brackets within texts do not count as levels', async () => {
  const body = JSON.stringify({ token: `"${nested(40)}\\` });
  expect(await post('/v1/session', body, JSON_TYPE)).toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a malformed attempt to sign in counts as a failed one', async () => {
  const strict = await startClosedApi({ QIBENCH_FAILURES_PER_MINUTE: '3' });
  try {
    const statuses = [];
    for (const body of [{}, { token: 1 }, { token: 'x', more: 1 }, { token: 'x' }])
      statuses.push((await strict.ask('POST', '/v1/session', {}, body)).status);
    expect(statuses).toEqual([422, 422, 422, 429]);
  } finally {
    await strict.stop();
  }
}, 60_000);

test('sessions share the rate limit of their token, and a token has at most ten', async () => {
  const strict = await startClosedApi({ QIBENCH_REQUESTS_PER_MINUTE: '40' });
  try {
    const { secret } = await strict.token();
    const cookies: string[] = [];
    for (let session = 0; session < 12; session += 1) {
      const { headers } = await strict.ask('POST', '/v1/session', {}, { token: secret });
      cookies.push(headers.get('set-cookie')!.split(';')[0]!);
    }
    const states = [];
    for (const cookie of cookies)
      states.push((await strict.ask('GET', '/v1/session', { cookie })).status);
    expect(states).toEqual([401, 401, ...new Array<number>(10).fill(200)]);

    const { secret: other } = await strict.token();
    const { headers } = await strict.ask('POST', '/v1/session', {}, { token: other });
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    const shared = [];
    for (let request = 0; request < 42; request += 1)
      shared.push(
        (await strict.ask('GET', '/v1/qemu', request % 2 === 0 ? { cookie } : bearer(other)))
          .status,
      );
    expect(shared.filter((status) => status === 200)).toHaveLength(40);
  } finally {
    await strict.stop();
  }
}, 60_000);

test('a token may have 20 open event streams without a warning, and a closed one makes room', async () => {
  const samples = [newSampleOf({ variant: 'none', workload: 'port-io', block: 1, position: 0 })];
  const ended = (await getJob(api.store, await measuredJob(api.store, samples)))!;
  const { request, plan } = ended;
  const { id } = (await acceptJob(api.store, { request, plan, requestDigest: randomUUID() })).job;
  await claimJob(api.store, id, 'test');
  const mine = bearer((await api.token()).secret);
  const open = async () => {
    const control = new AbortController();
    const { status } = await fetch(`${api.url}/v1/jobs/${id}/events`, {
      headers: mine,
      signal: control.signal,
    });
    return { status, control };
  };
  const streams = [];
  for (let stream = 0; stream < 20; stream += 1) streams.push(await open());
  expect(streams.map(({ status }) => status)).toEqual(new Array<number>(20).fill(200));
  expect(await api.ask('GET', `/v1/jobs/${id}/events`, mine)).toMatchObject({
    status: 503,
    code: 'UNAVAILABLE',
  });

  streams.pop()!.control.abort();
  let again = await open();
  for (let wait = 0; again.status !== 200 && wait < 50; wait += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    again = await open();
  }
  expect(again.status).toBe(200);
  for (const { control } of [...streams, again]) control.abort();
  expect(api.logged()).not.toContain('MaxListenersExceededWarning');
}, 60_000);

test('lists of samples that a token reads at once take turns', async () => {
  const samples = Array.from({ length: 500 }, (_, index) =>
    newSampleOf({ variant: 'none', workload: 'port-io', block: index + 1, position: 0 }),
  );
  const id = await measuredJob(api.store, samples);
  const mine = bearer((await api.token()).secret);
  const reads = await Promise.all(
    Array.from({ length: 6 }, () => api.ask('GET', `/v1/jobs/${id}/samples`, mine)),
  );
  expect(reads.map(({ status }) => status)).toEqual(new Array<number>(6).fill(200));
}, 60_000);

test('a client that sends its body too slowly is cut off', async () => {
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    'POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
      'Content-Length: 1000\r\n\r\n{',
  );
  const drip = setInterval(() => socket.write(' '), 1_000);
  socket.on('error', () => undefined);
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(socket, 'close');
  clearInterval(drip);
  expect(said).toMatch(/^HTTP\/1.1 408/);
}, 60_000);
