// SPDX-License-Identifier: GPL-2.0-or-later
import { randomBytes } from 'node:crypto';
import { chunksIn, sendWorkload } from '#client/workload-upload.js';
import { WORKLOAD_LIMITS } from '#contract/workload-upload.js';
import { memoryService, workloadFile } from '#support/memory-service.js';

const { chunkBytes } = WORKLOAD_LIMITS;

const lengthsOf = async (bytes: number, pieceBytes: number): Promise<number[]> => {
  const lengths: number[] = [];
  for await (const chunk of chunksIn(workloadFile('a', Buffer.alloc(bytes, 7), pieceBytes)))
    lengths.push(chunk.length);
  return lengths;
};

test.each([
  ['an empty file', 0, 1000, []],
  ['a small file', 10, 3, [10]],
  ['a full chunk', chunkBytes, 65_536, [chunkBytes]],
  ['pieces that end within a chunk', 2 * chunkBytes + 5, 700_001, [chunkBytes, chunkBytes, 5]],
  ['a piece of several chunks', 2 * chunkBytes + 1, 3 * chunkBytes, [chunkBytes, chunkBytes, 1]],
])('%s is cut into full chunks and a rest', async (_, bytes, pieceBytes, lengths) => {
  expect(await lengthsOf(bytes, pieceBytes)).toEqual(lengths);
});

test('the chunks of a file are its content, and the list of a workload has them in order', async () => {
  const disk = randomBytes(2 * chunkBytes + 17);
  const service = memoryService();

  await sendWorkload(service, [
    workloadFile('workload.yaml', Buffer.from('name: a')),
    workloadFile('empty', Buffer.alloc(0)),
    workloadFile('disk', disk),
  ]);

  const [{ files, chunks }] = service.manifests as [(typeof service.manifests)[number]];
  expect(files).toEqual([
    { path: 'workload.yaml', sizeBytes: 7 },
    { path: 'empty', sizeBytes: 0 },
    { path: 'disk', sizeBytes: disk.length },
  ]);
  const bytes = chunks.map((digest) => service.chunks.get(digest)!);
  expect(bytes[0]!.toString()).toBe('name: a');
  expect(Buffer.concat(bytes.slice(1)).equals(disk)).toBe(true);
});

test('equal chunks are sent once, and chunks that the service has are not sent', async () => {
  const service = memoryService();
  const zeros = workloadFile('zeros', Buffer.alloc(3 * chunkBytes));

  await sendWorkload(service, [zeros]);
  expect(service.sent).toHaveLength(1);

  await sendWorkload(service, [zeros, workloadFile('more', Buffer.from('x'))]);
  expect(service.sent).toHaveLength(2);
  expect(service.manifests[1]!.chunks).toHaveLength(4);
});

test('an upload that broke off continues with the chunks that are missing', async () => {
  const disk = workloadFile('disk', randomBytes(4 * chunkBytes));
  let broken = true;
  const service = memoryService((number) => {
    if (broken && number === 3) throw new Error('the line is down');
  });

  await expect(sendWorkload(service, [disk])).rejects.toThrow('the line is down');
  broken = false;
  await sendWorkload(service, [disk]);

  expect(service.sent).toHaveLength(4);
  expect(new Set(service.sent).size).toBe(4);
});

test('a file that changes while it is read is not sent as another one', async () => {
  const file = { ...workloadFile('disk', Buffer.alloc(10)), sizeBytes: 11 };

  await expect(sendWorkload(memoryService(), [file])).rejects.toThrow(
    'disk has changed while it was read',
  );
});
