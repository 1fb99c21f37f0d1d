// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { checkedChunk } from '#api/workload.js';
import { WORKLOAD_LIMITS } from '#contract/workload-upload.js';

const { chunkBytes } = WORKLOAD_LIMITS;

test('a chunk is named by its unpacked bytes, whatever packed them', async () => {
  const bytes = Buffer.from('a kernel');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

  for (const level of [0, 1, 9])
    expect(await checkedChunk(gzipSync(bytes, { level }))).toEqual({ digest, sizeBytes: 8, bytes });
});

test('a full chunk is accepted', async () => {
  expect((await checkedChunk(gzipSync(Buffer.alloc(chunkBytes)))).sizeBytes).toBe(chunkBytes);
});

test.each<[string, Buffer, string]>([
  ['no gzip', Buffer.from('plain'), 'it is not gzip'],
  ['nothing', Buffer.alloc(0), 'it is not gzip'],
  ['gzip of nothing', gzipSync(''), 'it is empty'],
  ['a gzip that is cut off', gzipSync('content').subarray(0, 15), 'it is not gzip'],
  [
    'one byte too many',
    gzipSync(Buffer.alloc(chunkBytes + 1)),
    `it has more than ${chunkBytes} bytes unpacked`,
  ],
  [
    'gzip that unpacks to a thousand times its size',
    gzipSync(Buffer.alloc(256 * chunkBytes)),
    `it has more than ${chunkBytes} bytes unpacked`,
  ],
])('%s is refused', async (_, packed, reason) => {
  await expect(checkedChunk(packed)).rejects.toMatchObject({
    code: 'BAD_CHUNK',
    message: expect.stringContaining(reason) as string,
  });
});
