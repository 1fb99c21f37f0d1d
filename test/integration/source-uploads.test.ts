// SPDX-License-Identifier: GPL-2.0-or-later
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Client } from '#cli/client.js';
import { sendUploads } from '#cli/bundle.js';
import { sendSource } from '#client/workload-upload.js';
import type { Upload } from '#contract/upload.js';
import { chunksOf } from '#store/chunks.js';
import { openUpload } from '#worker/job/workload-source.js';
import { refused, requestWith, startWorkloadApi, type WorkloadApi } from '#support/workload-api.js';

const MIB = 1024 ** 2;
let service: WorkloadApi;
beforeAll(async () => {
  service = await startWorkloadApi('sources');
}, 60_000);
afterAll(() => service.stop());

const send = (client: Client, content: Buffer, path = 'qemu-10.0.tar.xz'): Promise<Upload> =>
  sendSource(client, {
    path,
    sizeBytes: content.length,
    content: () => Readable.from([content]),
  });
const requestOf = (upload: string) =>
  requestWith(
    { name: 'port-io' },
    { qemu: { version: '7.2', target: 'x86_64-softmmu', source: { upload } } },
  );

test('a source tree is uploaded in pieces and read back by a worker, byte for byte', async () => {
  const { client } = await service.projectClient();
  const content = randomBytes(2 * MIB + 5);

  const upload = await send(client, content);

  expect(upload).toEqual({
    digest: expect.stringMatching(/^sha256:/),
    kind: 'source',
    files: [{ path: 'source.tar', sizeBytes: content.length }],
  });
  const opened = await openUpload(service.store, upload.digest);
  expect((await buffer(Readable.from(opened.content(0)))).equals(content)).toBe(true);
  // The file's name is not part of it.
  expect((await send(client, content, '../x')).digest).toBe(upload.digest);
});

test('a job can name it, and the plan has it; another project cannot', async () => {
  const [owner, other] = [await service.projectClient(), await service.projectClient()];
  const { digest } = await send(owner.client, randomBytes(100));

  const job = await owner.client.post<{ plan: { sides: { head: { qemu: object } } } }>(
    '/v1/jobs',
    requestOf(digest),
  );

  expect(job.plan.sides.head.qemu).toMatchObject({ source: { upload: digest } });
  expect(await refused(other.client.post('/v1/jobs', requestOf(digest)))).toBe('UNKNOWN_UPLOAD');
});

test('a source is not taken for code, nor code for a source', async () => {
  const { client } = await service.projectClient();
  const { digest } = await send(client, randomBytes(100));

  const asPatches = requestWith(
    { name: 'port-io' },
    { qemu: { version: '7.2', target: 'x86_64-softmmu', patches: digest } },
  );
  expect(await refused(client.post('/v1/jobs', asPatches))).toBe('WRONG_UPLOAD');
});

test.each([
  ['no file', { files: [], chunks: [] }],
  ['an empty file', { files: [{ path: 'x.tar', sizeBytes: 0 }], chunks: [] }],
  [
    'two files',
    {
      files: [
        { path: 'a', sizeBytes: 1 },
        { path: 'b', sizeBytes: 1 },
      ],
      chunks: [],
    },
  ],
  ['more than 256 MiB', { files: [{ path: 'a', sizeBytes: 256 * MIB + 1 }], chunks: [] }],
  ['missing chunks', { files: [{ path: 'a', sizeBytes: 5 }], chunks: [] }],
  [
    'chunks that were not sent',
    { files: [{ path: 'a', sizeBytes: 5 }], chunks: [`sha256:${'0'.repeat(64)}`] },
  ],
])('a list with %s is refused', async (_, manifest) => {
  const { client } = await service.projectClient();

  expect(await refused(client.post('/v1/sources', manifest))).toBe('BAD_ARCHIVE');
});

test('a bundle carries it to another project', async () => {
  const [owner, other] = [await service.projectClient(), await service.projectClient()];
  const content = randomBytes(1000);
  const upload = await send(owner.client, content);
  const chunks = await chunksOf(service.store, upload.digest);
  await send(other.client, content); // sends the chunks

  await sendUploads(other.client, 'bundle.tar', {
    uploads: new Map(),
    workloads: new Map([[upload.digest, { files: [...upload.files], chunks }]]),
  } as never);

  expect((await other.client.get<Upload>(`/v1/uploads/${upload.digest}`)).kind).toBe('source');
});
