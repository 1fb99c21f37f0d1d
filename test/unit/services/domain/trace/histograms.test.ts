// SPDX-License-Identifier: GPL-2.0-or-later
import { gapSummary } from '#domain/trace/gap-histogram.js';
import { NativeRecords } from '#domain/trace/native/records.js';
import { TimeHistogram } from '#domain/trace/time-histogram.js';
import { setRows } from '#support/native-records.js';

/** Pseudo-random numbers in [0, 1), the same in every run. */
function* uniform(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** The summary of one event's records at these times, in one thread. */
function summaryOf(times: readonly bigint[]) {
  const records = new NativeRecords(1);
  records.declare(3, 0, []);
  for (let from = 0; from < times.length; from += 10_000) {
    setRows(
      records,
      times.slice(from, from + 10_000).map((ns) => ({ ns, eventId: 3, pid: 1 })),
    );
    records.addToSummaries();
  }
  return gapSummary(records.summary(0).gaps);
}

test('quantiles of gaps are accurate to one percent, from nanoseconds to hours', () => {
  const random = uniform(7);
  const gaps = Array.from({ length: 20_000 }, () => Math.floor(10 ** (13 * random.next().value)));
  const times = [0n];
  for (const gap of gaps) times.push(times.at(-1)! + BigInt(gap));
  const summary = summaryOf(times)!;
  gaps.sort((a, b) => a - b);

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
  expect(summaryOf([0n, 2n ** 63n - 1n])).toMatchObject({ count: '1', p50Ns: String(2n ** 63n) });
});

test('a single record has no summary of gaps', () => {
  expect(summaryOf([5n])).toBeNull();
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
  const records = new NativeRecords(1);
  setRows(
    records,
    times.map((ns, index) => ({ ns, eventId: index % 3, pid: 1 })),
  );
  histogram.add(records);

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
  const records = new NativeRecords(1);
  for (let step = 0n; step < 10n; step += 1n) {
    const ns = step * 6_000_000n;
    setRows(
      records,
      Array.from({ length: 3_000 }, (_, eventId) => ({ ns, eventId, pid: 1 })),
    );
    histogram.add(records);
  }
  const tiles = histogram.tiles();
  const finest = tiles.filter(({ shift }) => shift === tiles[0]!.shift);
  expect(finest.length).toBeLessThanOrEqual(16_384);
  expect(
    finest.reduce((total, { counts }) => total + counts.reduce((sum, count) => sum + count, 0), 0),
  ).toBe(30_000);
});
