import { KeptResults } from '../../../services/api/compute/kept-results.js';

/** Results with a number each, and how many were made. */
function counting(limit: number) {
  const kept = new KeptResults<number>(limit);
  let made = 0;
  return {
    get: (key: string, state = 'same') => kept.get(key, state, async () => (made += 1)),
    made: () => made,
  };
}

test('a result is made once, also for those who ask while it is being made', async () => {
  const { get, made } = counting(2);
  expect(await Promise.all([get('a'), get('a')])).toEqual([1, 1]);
  expect([await get('a'), made()]).toEqual([1, 1]);
});

test('of another state a result is made again', async () => {
  const { get } = counting(2);
  expect([await get('a', 'one'), await get('a', 'two'), await get('a', 'two')]).toEqual([1, 2, 2]);
});

test('beyond the limit, the one that was asked for longest ago goes', async () => {
  const { get } = counting(2);
  for (const key of ['a', 'b', 'a', 'c']) await get(key);
  expect([await get('a'), await get('b')]).toEqual([1, 4]);
});

test('a failure is not kept', async () => {
  const kept = new KeptResults<number>(2);
  await expect(kept.get('a', '', () => Promise.reject(new Error('this once')))).rejects.toThrow(
    'this once',
  );
  expect(await kept.get('a', '', async () => 2)).toBe(2);
});
