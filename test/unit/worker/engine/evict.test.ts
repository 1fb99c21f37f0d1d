// SPDX-License-Identifier: GPL-2.0-or-later
import { evictions } from '#worker/engine/evict.js';

const image = (name: string, usedMs: number, bytes = 10) => ({
  name,
  kind: 'image' as const,
  bytes,
  usedMs,
});

test('the least recently used image is removed first, and no more than requested', () => {
  const kept = [image('new', 30), image('old', 10), image('middle', 20)];

  expect(evictions(kept, 11, null).map(({ name }) => name)).toEqual(['old', 'middle']);
  expect(evictions(kept, 10, null).map(({ name }) => name)).toEqual(['old']);
  expect(evictions(kept, 0, null)).toEqual([]);
});

test('an image used since the start of the oldest running job stays, even if the disk is full', () => {
  const kept = [image('before', 10), image('at its beginning', 20), image('since', 30)];

  expect(evictions(kept, 1_000, 20).map(({ name }) => name)).toEqual(['before']);
});
