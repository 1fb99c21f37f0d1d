// SPDX-License-Identifier: GPL-2.0-or-later
import { belowFloor, inodesForJob, spaceOfEngine } from '#worker/engine/disk-space.js';

const GIB = 1024 ** 3;
const disk = { freeBytes: 10 * GIB, freeInodes: 1e6, bytes: 100 * GIB, inodes: 6e6 };

test.each([
  ['a disk with space', {}, null],
  ['a large disk with few bytes', { freeBytes: GIB / 2 - 1 }, '536870911 free bytes'],
  ['a small disk with a part of it free', { bytes: GIB, freeBytes: GIB / 10 }, null],
  ['a small disk with few bytes', { bytes: GIB, freeBytes: 1e6 }, '1000000 free bytes'],
  ['a disk with few inodes', { freeInodes: 19_999 }, '19999 free inodes'],
  ['a small disk with a part of its inodes free', { inodes: 65_536, freeInodes: 5_000 }, null],
  ['a disk without a number of inodes', { inodes: Infinity, freeInodes: Infinity }, null],
])('%s is at risk or not', (_, part, expected) => {
  expect(belowFloor({ ...disk, ...part })).toBe(expected);
});

test('a job needs a part of the inodes, at most 100,000', () => {
  expect(inodesForJob(disk)).toBe(100_000);
  expect(inodesForJob({ ...disk, inodes: 65_536 })).toBe(3_276);
  expect(inodesForJob({ ...disk, inodes: Infinity })).toBe(100_000);
});

test("the space of the engine's folder is known if this machine has the folder", async () => {
  const spaceAt = (dataFolder: string) =>
    spaceOfEngine({ engine: async () => ({ id: 'e', dataFolder }) })();

  expect(await spaceAt('/no/such/folder')).toBeNull();
  const { freeBytes, bytes, freeInodes, inodes } = (await spaceAt('/'))!;
  expect(freeBytes).toBeLessThanOrEqual(bytes);
  expect(freeInodes).toBeLessThanOrEqual(inodes);
  expect(bytes).toBeGreaterThan(0);
});
