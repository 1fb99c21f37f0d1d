import { evictions } from '../../../../worker/engine/evict.js';

const image = (name: string, usedMs: number, bytes = 10) => ({
  name,
  kind: 'image' as const,
  bytes,
  usedMs,
});

test('what was used the longest ago goes first, and no more than what is asked for', () => {
  const kept = [image('new', 30), image('old', 10), image('middle', 20)];

  expect(evictions(kept, 11, null).map(({ name }) => name)).toEqual(['old', 'middle']);
  expect(evictions(kept, 10, null).map(({ name }) => name)).toEqual(['old']);
  expect(evictions(kept, 0, null)).toEqual([]);
});

test('nothing goes that was used since the oldest running job began, however little room there is', () => {
  const kept = [image('before', 10), image('at its beginning', 20), image('since', 30)];

  expect(evictions(kept, 1_000, 20).map(({ name }) => name)).toEqual(['before']);
});
