// SPDX-License-Identifier: GPL-2.0-or-later
import { GapHistogram } from '#domain/trace/gap-histogram.js';
import { TimeHistogram } from '#domain/trace/time-histogram.js';
import { wordsOf } from '#support/number-cases.js';

/** Pseudo-random numbers in [0, 1), the same in every run. */
function* uniform(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

test('quantiles of gaps are accurate to one percent, from nanoseconds to hours', () => {
  const random = uniform(7);
  const gaps = Array.from({ length: 20_000 }, () => Math.floor(10 ** (13 * random.next().value)));
  const histogram = new GapHistogram();
  for (const gap of gaps) histogram.add(Math.floor(gap / 2 ** 32), gap >>> 0);
  gaps.sort((a, b) => a - b);

  const summary = histogram.summary()!;
  expect([summary.count, summary.minNs, summary.maxNs]).toEqual([
    '20000',
    String(gaps[0]),
    String(gaps.at(-1)),
  ]);
  for (const [found, share] of [
    [summary.p50Ns, 0.5],
    [summary.p90Ns, 0.9],
    [summary.p99Ns, 0.99],
    [summary.p999Ns, 0.999],
  ] as const) {
    const exact = gaps[Math.ceil(share * gaps.length) - 1]!;
    expect(Math.abs(Number(found) - exact) / exact).toBeLessThan(0.01);
  }
});

test('the longest possible gap has a bin', () => {
  const histogram = new GapHistogram();
  histogram.add(0x7fff_ffff, 0xffff_ffff);
  expect(histogram.summary()).toMatchObject({ count: '1', p50Ns: String(2n ** 63n) });
});

test('an empty histogram has no summary', () => {
  expect(new GapHistogram().summary()).toBeNull();
});

/** Counts per level, by event and time of the bin. */
function counted(histogram: TimeHistogram): { shift: number; counts: Map<string, number> }[] {
  const levels = new Map<number, Map<string, number>>();
  for (const { eventId, shift, tile, counts } of histogram.tiles()) {
    const level = levels.get(shift) ?? new Map<string, number>();
    levels.set(shift, level);
    for (const [index, count] of counts.entries())
      if (count > 0) level.set(`${eventId} ${BigInt(tile * 1024 + index)}`, count);
  }
  return [...levels].map(([shift, counts]) => ({ shift, counts }));
}

test.each([
  ['in order', Array.from({ length: 5_000 }, (_, index) => 10n ** 15n + 999_983n * BigInt(index))],
  ['backwards', Array.from({ length: 5_000 }, (_, index) => 10n ** 15n - 999_983n * BigInt(index))],
  ['far apart in one step', [0n, 2n ** 62n, 5n, 2n ** 61n]],
  ['all at the same time', Array.from({ length: 50 }, () => 123_456n)],
])('every level counts every record once, in the bin of its time: %s', (_, times) => {
  const histogram = new TimeHistogram();
  const events = Uint16Array.from(times, (_time, index) => index % 3);
  histogram.add(events, wordsOf(times), times.length);

  const levels = counted(histogram);
  expect(levels.map(({ shift }) => shift - levels[0]!.shift)).toEqual([0, 2, 4, 6]);
  for (const { shift, counts } of levels) {
    const expected = new Map<string, number>();
    for (const [index, time] of times.entries()) {
      const key = `${index % 3} ${time >> BigInt(shift)}`;
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    expect(new Map([...counts].sort())).toEqual(new Map([...expected].sort()));
  }
  const bins = [...levels[0]!.counts.keys()].map((key) => Number(key.split(' ')[1]));
  expect(Math.max(...bins) - Math.min(...bins)).toBeLessThan(65_536);
});

test('very many events widen the bins instead of using more memory', () => {
  const histogram = new TimeHistogram();
  const events = new Uint16Array(30_000);
  const times = Array.from(events, (_, index) => BigInt(Math.floor(index / 3_000)) * 6_000_000n);
  for (let row = 0; row < events.length; row += 1) events[row] = row % 3_000;
  histogram.add(events, wordsOf(times), events.length);
  const tiles = histogram.tiles();
  const finest = tiles.filter(({ shift }) => shift === tiles[0]!.shift);
  expect(finest.length).toBeLessThanOrEqual(16_384);
  expect(
    finest.reduce((total, { counts }) => total + counts.reduce((sum, count) => sum + count, 0), 0),
  ).toBe(30_000);
});
