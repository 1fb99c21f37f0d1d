// SPDX-License-Identifier: GPL-2.0-or-later
import { ResultCache } from '#api/compute/result-cache.js';

/** A cache of numbered results, and the count of computations. */
function counting(limit: number) {
  const kept = new ResultCache<number>(limit);
  let made = 0;
  return {
    get: (key: string, state = 'same') => kept.get(key, state, async () => (made += 1)),
    made: () => made,
  };
}

test('concurrent and later requests of one key share one computation', async () => {
  const { get, made } = counting(2);
  expect(await Promise.all([get('a'), get('a')])).toEqual([1, 1]);
  expect([await get('a'), made()]).toEqual([1, 1]);
});

test('a key with another state is computed again', async () => {
  const { get } = counting(2);
  expect([await get('a', 'one'), await get('a', 'two'), await get('a', 'two')]).toEqual([1, 2, 2]);
});

test('beyond the limit the least recently used result is evicted', async () => {
  const { get } = counting(2);
  for (const key of ['a', 'b', 'a', 'c']) await get(key);
  expect([await get('a'), await get('b')]).toEqual([1, 4]);
});

test('a failure is not cached', async () => {
  const kept = new ResultCache<number>(2);
  await expect(kept.get('a', '', () => Promise.reject(new Error('this once')))).rejects.toThrow(
    'this once',
  );
  expect(await kept.get('a', '', async () => 2)).toBe(2);
});
