// SPDX-License-Identifier: GPL-2.0-or-later
import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { chunkSender, loadBundle, sendUploads } from '#cli/bundle.js';
import type { Client, ServiceError } from '#cli/client.js';
import type { Job } from '#contract/job.js';
import type { Upload } from '#contract/upload.js';
import { WORKLOAD_LIMITS, type Chunk, type MissingChunks } from '#contract/workload-upload.js';
import { backup } from '#store/backup.js';
import { removeUnusedChunks } from '#store/chunks.js';
import { countUse, listUse } from '#store/project-use.js';
import { removeOldFiles } from '#store/retention.js';
import { restore } from '#store/restore.js';
import { openStore, type Store } from '#store/store.js';
import { packWorkload } from '#worker/build/workload-files.js';
import { openWorkload } from '#worker/job/workload-source.js';
import { startClosedApi, type ClosedApi } from '#support/closed-api.js';
import { definitionText, uploadGuest } from '#support/guest-folder.js';
import { ownDatabase } from '#support/own-database.js';

const MIB = 1024 ** 2;
const QUOTA = 8 * MIB;

let database: Awaited<ReturnType<typeof ownDatabase>>;
let api: ClosedApi;
let store: Store;
const folder = mkdtempSync(join(tmpdir(), 'qibench-workloads-'));
beforeAll(async () => {
  database = await ownDatabase('workloads');
  process.env.TEST_DATABASE_URL = database.url;
  api = await startClosedApi({
    DATABASE_URL: database.url,
    QIBENCH_QUOTA_WORKLOAD_BYTES: String(QUOTA),
    QIBENCH_REQUESTS_PER_MINUTE: '100000',
    QIBENCH_IMAGE_PROJECTS: 'trusted',
  });
  store = await openStore(database.url);
}, 60_000);
afterAll(async () => {
  await store.close();
  await api.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** A client with a token of a project of its own. */
async function projectClient(
  project = `p-${randomUUID()}`,
): Promise<{ client: Client; project: string }> {
  return { client: (await api.token({ project })).client, project };
}

const requestWith = (workload: object, more: object = {}) => ({
  name: 'own guest',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  variants: ['none'],
  workloads: [workload],
  blocks: 6,
  ...more,
});
const refused = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'accepted',
    (error: unknown) => (error as ServiceError).code,
  );
const missingOf = async (client: Client, digests: readonly string[]) =>
  (await client.post<MissingChunks>('/v1/chunks/missing', { digests })).missing;
const stored = async (): Promise<number> =>
  Number((await store.pool.query<{ n: string }>('SELECT count(*) AS n FROM chunk')).rows[0]!.n);

test('a workload is uploaded in pieces and read back by a worker, byte for byte', async () => {
  const { client } = await projectClient();
  const disk = randomBytes(2 * MIB + 123);

  const upload = await uploadGuest(client, {
    'workload.yaml': definitionText('whole'),
    kernel: 'k',
    'sub/disk': disk,
    empty: '',
  });

  expect(upload).toMatchObject({
    kind: 'workload',
    workload: { method: 'files', definition: { name: 'whole' } },
    files: [
      { path: 'empty', sizeBytes: 0 },
      { path: 'kernel', sizeBytes: 1 },
      { path: 'sub/disk', sizeBytes: disk.length },
      { path: 'workload.yaml' },
    ],
  });
  expect(await client.get(`/v1/uploads/${upload.digest}`)).toEqual(upload);
  const source = await openWorkload(store, upload.digest);
  expect((await buffer(Readable.from(source.content(2)))).equals(disk)).toBe(true);
  expect((await buffer(packWorkload(source, '', 0))).includes(disk)).toBe(true);
});

test('the digest names the files, in any order of sending, and not who sent them', async () => {
  const [first, second] = [await projectClient(), await projectClient()];
  const files = { 'workload.yaml': definitionText('same'), kernel: 'kernel' };
  const turned = { kernel: 'kernel', 'workload.yaml': definitionText('same') };

  const upload = await uploadGuest(first.client, files);

  expect((await uploadGuest(second.client, turned)).digest).toBe(upload.digest);
  expect((await uploadGuest(first.client, { ...files, kernel: 'kernem' })).digest).not.toBe(
    upload.digest,
  );
});

test('one project learns nothing about the pieces and workloads of another', async () => {
  const [owner, other] = [await projectClient(), await projectClient()];
  const secret = Buffer.from(`secret ${randomUUID()}`);
  const { digest } = await owner.client.upload<Chunk>(
    '/v1/chunks',
    gzipSync(secret),
    'application/gzip',
  );
  const upload = await uploadGuest(owner.client, {
    'workload.yaml': definitionText('private'),
    kernel: secret,
  });
  const definition = await other.client.upload<Chunk>(
    '/v1/chunks',
    gzipSync(definitionText('thief')),
    'application/gzip',
  );

  expect(await missingOf(owner.client, [digest])).toEqual([]);
  expect(await missingOf(other.client, [digest])).toEqual([digest]);
  const stolen = other.client.post<Upload>('/v1/workloads', {
    files: [
      { path: 'workload.yaml', sizeBytes: definition.sizeBytes },
      { path: 'kernel', sizeBytes: secret.length },
    ],
    chunks: [definition.digest, digest],
  });
  expect(await refused(stolen)).toBe('BAD_WORKLOAD');
  expect(await refused(other.client.get(`/v1/uploads/${upload.digest}`))).toBe('NOT_FOUND');
  expect(
    await refused(other.client.post('/v1/jobs', requestWith({ from: upload.digest }))),
  ).toBe('UNKNOWN_UPLOAD');

  // The other sends the same bytes: they are stored once, and then it may name them.
  const before = await stored();
  expect((await uploadGuest(other.client, { 'workload.yaml': definitionText('private'), kernel: secret })).digest).toBe(
    upload.digest,
  );
  expect(await stored()).toBe(before);
});

test('a job runs an uploaded workload, whose definition its plan keeps', async () => {
  const { client } = await projectClient();
  const upload = await uploadGuest(client, {
    'workload.yaml': definitionText('port-io'),
    kernel: 'k',
  });

  const job = await client.post<Job>('/v1/jobs', requestWith({ from: upload.digest }));

  expect(job.plan.workloads).toMatchObject([
    {
      label: 'port-io',
      timeoutSeconds: 5,
      uploaded: { digest: upload.digest, definition: { run: { exitStatus: 0 } } },
    },
  ]);
  expect(
    await refused(
      client.post('/v1/jobs', requestWith({ name: 'port-io' }, { instrumentation: upload.digest })),
    ),
  ).toBe('WRONG_UPLOAD');
});

test.each<[string, string, RegExp]>([
  ['an unknown field', definitionText('x', 'colour: red'), /workload.yaml: .*colour/],
  ['another version', definitionText('x').replace('/1', '/9'), /workload.yaml: schema: /],
  ['no YAML', '[', /workload.yaml: /],
  ['aliases that multiply', `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'.split('').map((key, at) => `${key}: &${key} [${`*${'abcdefghi'[at]!},`.repeat(9)}]`).join('\n')}`, /workload.yaml: /],
  ['a NUL', definitionText('x').replace('a guest of a test', '"a\\0b"'), /workload.yaml: /],
])('a workload whose file has %s is refused by name', async (_, text, message) => {
  const { client } = await projectClient();

  await expect(uploadGuest(client, { 'workload.yaml': text })).rejects.toThrow(message);
});

test('a Dockerfile needs the permission of the operator', async () => {
  const files = { 'workload.yaml': definitionText('image'), Dockerfile: 'FROM scratch' };
  const [trusted, other] = [await projectClient('trusted'), await projectClient()];
  const administrator = (await api.token({ scopes: ['admin'] })).client;
  const { digest } = await uploadGuest(trusted.client, files);
  await uploadGuest(other.client, files);
  const request = requestWith({ from: digest });

  expect(await refused(other.client.post('/v1/jobs', request))).toBe('IMAGE_NOT_ALLOWED');
  expect(await refused(trusted.client.post('/v1/jobs', request))).toBe('accepted');
  expect(await refused(administrator.post('/v1/jobs', request))).toBe('accepted');
});

test('pieces count once for the quota of a project, and only for it', async () => {
  const { client, project } = await projectClient();
  const send = (bytes: Buffer) =>
    client.upload<Chunk>('/v1/chunks', gzipSync(bytes), 'application/gzip');
  const incompressible = () => randomBytes(WORKLOAD_LIMITS.chunkBytes);
  const once = incompressible();

  for (let index = 0; index < 3; index += 1) await send(once);
  for (let index = 0; index < 6; index += 1) await send(incompressible());
  expect(await refused(send(incompressible()))).toBe('QUOTA_EXCEEDED');

  const before = await stored();
  expect(await refused(send(incompressible()))).toBe('QUOTA_EXCEEDED');
  expect(await stored()).toBe(before);
  await expect(
    uploadGuest((await projectClient()).client, { 'workload.yaml': definitionText('free') }),
  ).resolves.toMatchObject({ kind: 'workload' });
  await countUse(store);
  expect((await listUse(store)).get(project)!.workloadBytes).toBeGreaterThan(7 * MIB);
});

test('a token sends few pieces at once, so that others keep their connections to the store', async () => {
  const { client } = await projectClient();
  const answers = await Promise.all(
    Array.from({ length: 12 }, () =>
      refused(
        client.upload<Chunk>('/v1/chunks', gzipSync(randomBytes(MIB / 2)), 'application/gzip'),
      ),
    ),
  );

  expect(answers).toContain('accepted');
  expect(answers).toContain('UNAVAILABLE');
  expect(await refused(client.upload('/v1/chunks', gzipSync('later'), 'application/gzip'))).toBe(
    'accepted',
  );
});

test('small pieces count more than their bytes, because their rows are many', async () => {
  const { client, project } = await projectClient();

  await client.upload<Chunk>('/v1/chunks', gzipSync(randomUUID()), 'application/gzip');
  await countUse(store);

  expect((await listUse(store)).get(project)!.workloadBytes).toBe(64 * 1024);
});

test('unused pieces are removed after a day, and the pieces of a workload with it', async () => {
  const { client, project } = await projectClient();
  const kernel = `kernel ${randomUUID()}`;
  const loose = await client.upload<Chunk>(
    '/v1/chunks',
    gzipSync(`loose ${randomUUID()}`),
    'application/gzip',
  );
  const upload = await uploadGuest(client, { 'workload.yaml': definitionText('old'), kernel });
  const age = (days: number) =>
    store.pool.query(
      `WITH own AS (
         UPDATE chunk_project SET used_at = now() - make_interval(days => $2)
         WHERE project = $1 RETURNING digest)
       UPDATE chunk SET used_at = now() - make_interval(days => $2)
       FROM own WHERE own.digest = chunk.digest`,
      [project, days],
    );
  const own = async () =>
    (await store.pool.query('SELECT 1 FROM chunk_project WHERE project = $1', [project])).rowCount;

  await removeUnusedChunks(store);
  expect(await missingOf(client, [loose.digest])).toEqual([]);

  await age(2);
  await removeUnusedChunks(store);
  expect(await missingOf(client, [loose.digest])).toEqual([loose.digest]);
  expect(await own()).toBe(2);

  // No job has named it for a month.
  await store.pool.query(
    "UPDATE upload SET used_at = now() - interval '31 days' WHERE digest = $1",
    [upload.digest],
  );
  await removeOldFiles(store, 365);
  expect(await refused(client.get(`/v1/uploads/${upload.digest}`))).toBe('NOT_FOUND');
  await age(2);
  await removeUnusedChunks(store);
  expect(await own()).toBe(0);
});

test('a workload that a job names is kept as long as other uploads', async () => {
  const { client } = await projectClient();
  const upload = await uploadGuest(client, { 'workload.yaml': definitionText('kept') });
  await client.post<Job>('/v1/jobs', requestWith({ from: upload.digest }));

  await store.pool.query(
    "UPDATE upload SET used_at = now() - interval '31 days' WHERE digest = $1",
    [upload.digest],
  );
  await removeOldFiles(store, 365);

  await expect(client.get(`/v1/uploads/${upload.digest}`)).resolves.toMatchObject({
    digest: upload.digest,
  });
});

test('a bundle contains the workload, and another project gets it from there', async () => {
  const [first, second] = [await projectClient(), await projectClient()];
  const files = {
    'workload.yaml': definitionText('carried'),
    disk: randomBytes(MIB + 7),
    zeros: Buffer.alloc(3 * MIB),
  };
  const upload = await uploadGuest(first.client, files);
  const job = await first.client.post<Job>('/v1/jobs', requestWith({ from: upload.digest }));
  const file = join(folder, 'job.tar');
  const { body } = await first.client.open(`/v1/jobs/${job.id}/bundle`);
  await pipeline(Readable.fromWeb(body as never), createWriteStream(file));

  const bundle = await loadBundle(second.client, file, chunkSender(second.client, file));
  await sendUploads(second.client, file, bundle);

  const again = await second.client.post<Job>('/v1/jobs', bundle.job);
  expect(again.plan.workloads).toEqual(job.plan.workloads);
});

test('the audit log has the workload, and none of its pieces', async () => {
  const { client } = await projectClient();
  const since = await store.pool.query<{ id: string }>('SELECT coalesce(max(id), 0) AS id FROM audit');

  await uploadGuest(client, { 'workload.yaml': definitionText('logged'), kernel: 'k' });

  const { rows } = await store.pool.query<{ action: string }>(
    'SELECT action FROM audit WHERE id > $1 ORDER BY id',
    [since.rows[0]!.id],
  );
  expect(rows.map(({ action }) => action)).toEqual(['POST /v1/workloads']);
});

test('a backup contains the pieces', async () => {
  const { client } = await projectClient();
  const disk = randomBytes(MIB + 1);
  const upload = await uploadGuest(client, { 'workload.yaml': definitionText('saved'), disk });
  const file = join(folder, 'all.backup');
  await backup(database.url, file);
  const name = `workloads_restored_${process.pid}`;
  await store.pool.query(`CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(database.url), { pathname: `/${name}` }).href;
  await restore(url, file, process.cwd());

  const restored = await openStore(url);
  const source = await openWorkload(restored, upload.digest);
  const index = source.files.findIndex(({ path }) => path === 'disk');
  expect((await buffer(Readable.from(source.content(index)))).equals(disk)).toBe(true);
  await restored.close();
  await store.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
}, 60_000);
