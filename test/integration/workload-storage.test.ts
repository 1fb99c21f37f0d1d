// SPDX-License-Identifier: GPL-2.0-or-later
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { Job } from '#contract/job.js';
import { WORKLOAD_LIMITS, type Chunk } from '#contract/workload-upload.js';
import { backup } from '#store/backup.js';
import { removeUnusedChunks } from '#store/chunks.js';
import { countUse, listUse } from '#store/project-use.js';
import { removeOldFiles } from '#store/retention.js';
import { restore } from '#store/restore.js';
import { openStore } from '#store/store.js';
import { openUpload } from '#worker/job/workload-source.js';
import { definitionText, uploadGuest } from '#support/guest-folder.js';
import {
  missingOf,
  refused,
  requestWith,
  startWorkloadApi,
  type WorkloadApi,
} from '#support/workload-api.js';

const MIB = 1024 ** 2;

let service: WorkloadApi;
const folder = mkdtempSync(join(tmpdir(), 'qibench-chunks-'));
beforeAll(async () => {
  service = await startWorkloadApi('chunks', { QIBENCH_QUOTA_WORKLOAD_BYTES: String(8 * MIB) });
}, 60_000);
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

test('pieces count once for the quota of a project, and only for it', async () => {
  const { client, project } = await service.projectClient();
  const send = (bytes: Buffer) =>
    client.upload<Chunk>('/v1/chunks', gzipSync(bytes), 'application/gzip');
  const incompressible = () => randomBytes(WORKLOAD_LIMITS.chunkBytes);
  const once = incompressible();

  for (let index = 0; index < 3; index += 1) await send(once);
  for (let index = 0; index < 6; index += 1) await send(incompressible());
  expect(await refused(send(incompressible()))).toBe('QUOTA_EXCEEDED');

  const before = await service.stored();
  expect(await refused(send(incompressible()))).toBe('QUOTA_EXCEEDED');
  expect(await service.stored()).toBe(before);
  await expect(
    uploadGuest((await service.projectClient()).client, {
      'workload.yaml': definitionText('free'),
    }),
  ).resolves.toMatchObject({ kind: 'workload' });
  await countUse(service.store);
  expect((await listUse(service.store)).get(project)!.workloadBytes).toBeGreaterThan(7 * MIB);
});

test('a project sends few pieces at once, so that others keep their connections to the store', async () => {
  const { client } = await service.projectClient();
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      refused(client.upload<Chunk>('/v1/chunks', gzipSync(randomBytes(1024)), 'application/gzip')),
    ),
  );

  expect(answers).toContain('accepted');
  expect(answers).toContain('UNAVAILABLE');
  expect(await refused(client.upload('/v1/chunks', gzipSync('later'), 'application/gzip'))).toBe(
    'accepted',
  );
});

test('small pieces count more than their bytes, because their rows are many', async () => {
  const { client, project } = await service.projectClient();

  await client.upload<Chunk>('/v1/chunks', gzipSync(randomUUID()), 'application/gzip');
  await countUse(service.store);

  expect((await listUse(service.store)).get(project)!.workloadBytes).toBe(64 * 1024);
});

test('unused pieces are removed after a day, and the pieces of a workload with it', async () => {
  const { client, project } = await service.projectClient();
  const kernel = `kernel ${randomUUID()}`;
  const loose = await client.upload<Chunk>(
    '/v1/chunks',
    gzipSync(`loose ${randomUUID()}`),
    'application/gzip',
  );
  const upload = await uploadGuest(client, { 'workload.yaml': definitionText('old'), kernel });
  const age = (days: number) =>
    service.store.pool.query(
      `WITH own AS (
         UPDATE chunk_project SET used_at = now() - make_interval(days => $2)
         WHERE project = $1 RETURNING digest)
       UPDATE chunk SET used_at = now() - make_interval(days => $2)
       FROM own WHERE own.digest = chunk.digest`,
      [project, days],
    );
  const own = async () =>
    (await service.store.pool.query('SELECT 1 FROM chunk_project WHERE project = $1', [project]))
      .rowCount;

  await removeUnusedChunks(service.store);
  expect(await missingOf(client, [loose.digest])).toEqual([]);

  await age(2);
  await removeUnusedChunks(service.store);
  expect(await missingOf(client, [loose.digest])).toEqual([loose.digest]);
  expect(await own()).toBe(2);

  // No job has named it for a month.
  await service.store.pool.query(
    "UPDATE upload SET used_at = now() - interval '31 days' WHERE digest = $1",
    [upload.digest],
  );
  await removeOldFiles(service.store, 365);
  expect(await refused(client.get(`/v1/uploads/${upload.digest}`))).toBe('NOT_FOUND');
  await age(2);
  await removeUnusedChunks(service.store);
  expect(await own()).toBe(0);
});

test('a workload that a job names is kept as long as other uploads', async () => {
  const { client } = await service.projectClient();
  const upload = await uploadGuest(client, { 'workload.yaml': definitionText('kept') });
  await client.post<Job>('/v1/jobs', requestWith({ from: upload.digest }));

  await service.store.pool.query(
    "UPDATE upload SET used_at = now() - interval '31 days' WHERE digest = $1",
    [upload.digest],
  );
  await removeOldFiles(service.store, 365);

  await expect(client.get(`/v1/uploads/${upload.digest}`)).resolves.toMatchObject({
    digest: upload.digest,
  });
});

test('a backup contains the pieces', async () => {
  const { client } = await service.projectClient();
  const disk = randomBytes(MIB + 1);
  const upload = await uploadGuest(client, { 'workload.yaml': definitionText('saved'), disk });
  const file = join(folder, 'all.backup');
  await backup(service.databaseUrl, file);
  const name = `chunks_restored_${process.pid}`;
  await service.store.pool.query(`CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(service.databaseUrl), { pathname: `/${name}` }).href;
  await restore(url, file, process.cwd());

  const restored = await openStore(url);
  const source = await openUpload(restored, upload.digest);
  const index = source.files.findIndex(({ path }) => path === 'disk');
  expect((await buffer(Readable.from(source.content(index)))).equals(disk)).toBe(true);
  await restored.close();
  await service.store.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
}, 60_000);
