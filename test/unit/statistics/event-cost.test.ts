import {
  deviationFromLine,
  eventCost,
  type SizeDifferences,
} from '../../../services/statistics/event-cost.js';
import { layoutSd } from '../../../services/statistics/layout-sd.js';
import { random, shuffled } from '../../../services/statistics/random.js';
import { normalDraw } from './draws.js';
import { LINKS, pairsOfNoise, RUNS, SIZES } from './noise.js';

describe('the cost per event and the fixed cost', () => {
  const [empty, small, , middle, full] = SIZES.events.map((events, size): SizeDifferences => ({
    events,
    differencesNs: SIZES.dynamic[size]!.map(
      (wallUs, block) => (wallUs - SIZES.none[size]![block]!) * 1000,
    ),
  })) as [SizeDifferences, SizeDifferences, SizeDifferences, SizeDifferences, SizeDifferences];

  test('of real runs are 7.3 ns and 12.2 ms, whichever sizes are used', () => {
    const { perEventNs, fixedNs } = eventCost(empty, full);
    expect(perEventNs!.value).toBeCloseTo(7.3, 1);
    expect(fixedNs!.value / 1e6).toBeCloseTo(12.2, 1);
    for (const [from, to] of [
      [empty, middle],
      [small, full],
    ] as const) {
      const other = eventCost(from, to);
      expect(other.perEventNs!.low).toBeLessThan(perEventNs!.value);
      expect(other.perEventNs!.high).toBeGreaterThan(perEventNs!.value);
      expect(other.fixedNs!.low).toBeLessThan(fixedNs!.value);
      expect(other.fixedNs!.high).toBeGreaterThan(fixedNs!.value);
    }
  });

  test('of exact lines are those lines, and blocks with a failed run are left out', () => {
    const line = (events: number): SizeDifferences => ({
      events,
      differencesNs: Array.from({ length: 20 }, (_, block) =>
        block === 3 ? null : 1000 * block + (5 + block) * events,
      ),
    });
    const { perEventNs, fixedNs } = eventCost(line(1), line(101));
    const kept = Array.from({ length: 20 }, (_, block) => block).filter((block) => block !== 3);
    expect(perEventNs).toEqual({ value: 5 + kept[9]!, low: 6, high: 23 });
    expect(fixedNs!.value).toBeCloseTo(1000 * kept[9]!, 6);
    expect(deviationFromLine(line(1), line(31), line(101))!.value).toBeCloseTo(0, 9);
  });

  test('are not given before there is an interval', () => {
    const few = (events: number): SizeDifferences => ({
      events,
      differencesNs: new Array<number>(14).fill(events),
    });
    expect(eventCost(few(1), few(10))).toEqual({ perEventNs: null, fixedNs: null });
    expect(deviationFromLine(few(1), few(5), few(10))).toBeNull();
  });

  test('a cost that is not linear shows at the middle size', () => {
    const square = (events: number): SizeDifferences => ({
      events,
      differencesNs: Array.from({ length: 20 }, (_, block) => events ** 2 + block / 100),
    });
    expect(deviationFromLine(square(0), square(5), square(10))).toEqual({
      value: -25,
      low: -25,
      high: -25,
    });
    const real = deviationFromLine(empty, middle, full)!;
    expect(real.low).toBeLessThan(0);
    expect(real.high).toBeGreaterThan(0);
  });

  test('refuse sizes that do not belong together', () => {
    expect(() => eventCost(empty, empty)).toThrow(RangeError);
    expect(() => deviationFromLine(empty, middle, empty)).toThrow(RangeError);
    expect(() => eventCost({ ...empty, differencesNs: [1] }, full)).toThrow(RangeError);
  });
});

describe('the standard deviation of layout', () => {
  /** 16 link pairs of so many blocks each of real noise, link pairs in turns. */
  const simulated = (layout: number, each: number, seed: number): number[][] => {
    const next = random(seed);
    const noise = pairsOfNoise(RUNS.pinned, 16 * each, next);
    return Array.from({ length: 16 }, (_, pair) => {
      const shift = layout * Math.SQRT2 * normalDraw(next);
      return Array.from({ length: each }, (__, turn) => noise[turn * 16 + pair]! + shift);
    });
  };
  /** Root of the mean square of many estimates. */
  const typical = (layout: number): number => {
    const estimates = Array.from({ length: 200 }, (_, seed) =>
      layoutSd(simulated(layout, 20, seed))!,
    );
    return Math.sqrt(
      estimates.reduce((sum, estimate) => sum + estimate ** 2, 0) / estimates.length,
    );
  };

  test('is found under real noise', () => {
    expect(typical(0.016)).toBeGreaterThan(0.0145);
    expect(typical(0.016)).toBeLessThan(0.0175);
    expect(typical(0)).toBeLessThan(0.006);
  });

  test('of 12 real links of the same objects is 1.6 %', () => {
    const logs = LINKS.map((block) => block.map(Math.log));
    const next = random(63);
    const estimates = Array.from({ length: 200 }, () => {
      const order = shuffled(
        Array.from({ length: 12 }, (_, link) => link),
        next,
      );
      const pairs = Array.from({ length: 6 }, (_, pair) =>
        logs.map((block) => block[order[2 * pair]!]! - block[order[2 * pair + 1]!]!),
      );
      return layoutSd(pairs)! ** 2;
    });
    const sd = Math.sqrt(estimates.reduce((sum, square) => sum + square, 0) / estimates.length);
    expect(sd).toBeGreaterThan(0.014);
    expect(sd).toBeLessThan(0.018);
  });

  test('is 0 for one build, and that of the shifts without noise', () => {
    expect(layoutSd(new Array<number[]>(8).fill([1, 2, 3, 4, 5]))).toBe(0);
    const shifts = [-3, -1, 1, 3];
    expect(layoutSd(shifts.map((shift) => new Array<number>(4).fill(shift)))).toBeCloseTo(
      Math.sqrt(20 / 3 / 2),
      12,
    );
  });

  test('is not given of fewer than four link pairs of four values', () => {
    expect(
      layoutSd([
        [1, 2, 3, 4],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
        [1, 2, 3],
      ]),
    ).toBeNull();
    expect(layoutSd([])).toBeNull();
  });
});
