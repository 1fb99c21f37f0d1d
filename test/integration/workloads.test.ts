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
import type { Job } from '#contract/job.js';
import type { Upload } from '#contract/upload.js';
import type { Chunk } from '#contract/workload-upload.js';
import { packWorkload } from '#worker/build/workload-files.js';
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
const folder = mkdtempSync(join(tmpdir(), 'qibench-workloads-'));
beforeAll(async () => {
  service = await startWorkloadApi('workloads', { QIBENCH_IMAGE_PROJECTS: 'trusted' });
}, 60_000);
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

test('a workload is uploaded in pieces and read back by a worker, byte for byte', async () => {
  const { client } = await service.projectClient();
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
  const source = await openUpload(service.store, upload.digest);
  expect((await buffer(Readable.from(source.content(2)))).equals(disk)).toBe(true);
  expect((await buffer(packWorkload(source, '', 0))).includes(disk)).toBe(true);
});

test('the digest names the files, in any order of sending, and not who sent them', async () => {
  const [first, second] = [await service.projectClient(), await service.projectClient()];
  const files = { 'workload.yaml': definitionText('same'), kernel: 'kernel' };
  const turned = { kernel: 'kernel', 'workload.yaml': definitionText('same') };

  const upload = await uploadGuest(first.client, files);

  expect((await uploadGuest(second.client, turned)).digest).toBe(upload.digest);
  expect((await uploadGuest(first.client, { ...files, kernel: 'kernem' })).digest).not.toBe(
    upload.digest,
  );
});

test('one project learns nothing about the pieces and workloads of another', async () => {
  const [owner, other] = [await service.projectClient(), await service.projectClient()];
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
  expect(await refused(other.client.post('/v1/jobs', requestWith({ from: upload.digest })))).toBe(
    'UNKNOWN_UPLOAD',
  );

  // The other sends the same bytes: they are stored once, and then it may name them.
  const before = await service.stored();
  expect(
    (
      await uploadGuest(other.client, {
        'workload.yaml': definitionText('private'),
        kernel: secret,
      })
    ).digest,
  ).toBe(upload.digest);
  expect(await service.stored()).toBe(before);
});

test('a job runs an uploaded workload, whose definition its plan keeps', async () => {
  const { client } = await service.projectClient();
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
  [
    'aliases that multiply',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
      .split('')
      .map((key, at) => `${key}: &${key} [${`*${'abcdefghi'[at]!},`.repeat(9)}]`)
      .join('\n')}`,
    /workload.yaml: /,
  ],
  ['a NUL', definitionText('x').replace('a guest of a test', '"a\\0b"'), /workload.yaml: /],
])('a workload whose file has %s is refused by name', async (_, text, message) => {
  const { client } = await service.projectClient();

  await expect(uploadGuest(client, { 'workload.yaml': text })).rejects.toThrow(message);
});

test('a Dockerfile needs the permission of the operator', async () => {
  const files = { 'workload.yaml': definitionText('image'), Dockerfile: 'FROM scratch' };
  const [trusted, other] = [await service.projectClient('trusted'), await service.projectClient()];
  const administrator = (await service.api.token({ scopes: ['admin'] })).client;
  const { digest } = await uploadGuest(trusted.client, files);
  await uploadGuest(other.client, files);
  const request = requestWith({ from: digest });

  expect(await refused(other.client.post('/v1/jobs', request))).toBe('IMAGE_NOT_ALLOWED');
  expect(await refused(trusted.client.post('/v1/jobs', request))).toBe('accepted');
  expect(await refused(administrator.post('/v1/jobs', request))).toBe('accepted');
});

test('a bundle contains the workload, and another project gets it from there', async () => {
  const [first, second] = [await service.projectClient(), await service.projectClient()];
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
  const { client } = await service.projectClient();
  const since = await service.store.pool.query<{ id: string }>(
    'SELECT coalesce(max(id), 0) AS id FROM audit',
  );

  await uploadGuest(client, { 'workload.yaml': definitionText('logged'), kernel: 'k' });

  const { rows } = await service.store.pool.query<{ action: string }>(
    'SELECT action FROM audit WHERE id > $1 ORDER BY id',
    [since.rows[0]!.id],
  );
  expect(rows.map(({ action }) => action)).toEqual(['POST /v1/workloads']);
});
