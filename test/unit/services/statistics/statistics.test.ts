// SPDX-License-Identifier: GPL-2.0-or-later
import { median } from '#statistics/median.js';
import { normalCdf, normalQuantile } from '#statistics/normal.js';
import { random, shuffled } from '#statistics/random.js';
import { logRatios } from '#statistics/log-ratios.js';
import { estimateRatio } from '#statistics/ratio-estimate.js';
import { signedRankInterval, signedRankProbabilities } from '#statistics/signed-rank-interval.js';

describe('median', () => {
  test('is the middle value of an odd count, and the mean of the two middle values of an even one', () => {
    expect(median([3, -1, 10])).toBe(3);
    expect(median([10, 9, 100, 1])).toBe(9.5);
  });

  test('leaves its input unchanged', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  test('refuses an empty list and values that are not finite', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => median([1, NaN])).toThrow(RangeError);
  });
});

describe('normal distribution', () => {
  test('agrees with scipy.stats.norm', () => {
    expect(normalCdf(-3.7)).toBeCloseTo(1.07799733e-4, 12);
    expect(normalCdf(-1.2)).toBeCloseTo(0.11506967, 8);
    expect(normalCdf(2.5)).toBeCloseTo(0.993790335, 9);
    expect(normalQuantile(0.025)).toBeCloseTo(-1.95996398, 8);
    expect(normalQuantile(0.6)).toBeCloseTo(0.2533471, 7);
    expect(normalQuantile(0.999)).toBeCloseTo(3.09023231, 8);
  });

  test('is 0 and 1 far out, and NaN for NaN', () => {
    expect(normalCdf(-Infinity)).toBe(0);
    expect(normalCdf(Infinity)).toBe(1);
    expect(normalCdf(NaN)).toBeNaN();
    expect(() => normalQuantile(1)).toThrow(RangeError);
  });
});

describe('signed-rank interval', () => {
  test.each([1, 2, 5, 8, 11])(
    'has the null distribution over all sign patterns of %i ranks',
    (count) => {
      const expected = new Float64Array((count * (count + 1)) / 2 + 1);
      for (let signs = 0; signs < 2 ** count; signs += 1) {
        let statistic = 0;
        for (let rank = 1; rank <= count; rank += 1)
          if ((signs >> (rank - 1)) & 1) statistic += rank;
        expected[statistic]! += 2 ** -count;
      }
      expect([...signedRankProbabilities(count)]).toEqual([...expected]);
    },
  );

  test('spans all of six values at 96.875 %', () => {
    expect(signedRankInterval([1.1, 0.4, -0.2, 2.3, 0.9, 1.7])).toEqual({
      low: -0.2,
      high: 2.3,
      confidence: 0.96875,
    });
  });

  // From an enumeration of all sign patterns in Python.
  test('agrees with enumeration for nine values and with ties', () => {
    const nine = signedRankInterval([
      0.021, 0.034, -0.004, 0.052, 0.019, 0.027, 0.044, 0.008, 0.031,
    ]);
    expect(nine.low).toBeCloseTo(0.0115, 12);
    expect(nine.high).toBeCloseTo(0.0395, 12);
    expect(nine.confidence).toBe(0.9609375);
    expect(signedRankInterval([3, 1, 4, 1, 5, 9, 2, 6])).toEqual({
      low: 1.5,
      high: 6.5,
      confidence: 0.9609375,
    });
  });

  test('reports a lower level if too few values cannot reach it', () => {
    expect(signedRankInterval([1, 2, 3, 4, 5])).toEqual({ low: 1, high: 5, confidence: 0.9375 });
    expect(signedRankInterval([7])).toEqual({ low: 7, high: 7, confidence: 0 });
  });
});

describe('the random generator', () => {
  test('repeats for a seed and differs between streams', () => {
    const draw = (...seeds: number[]): number[] => Array.from({ length: 5 }, random(...seeds));
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(1, 2)).not.toEqual(draw(1, 3));
    expect(draw(5)).not.toEqual(draw(5 + 2 ** 32));
  });

  test('shuffles into every order equally often', () => {
    const next = random(3);
    const orders = new Map<string, number>();
    for (let draw = 0; draw < 6000; draw += 1) {
      const order = shuffled(['a', 'b', 'c'], next).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    // five standard deviations
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('ratio interval', () => {
  const ratioInterval = (candidate: number[], baseline: number[]) =>
    estimateRatio(logRatios(candidate, baseline)).interval;

  test('is exact below ten blocks', () => {
    const baseline = [100, 110, 90, 105, 95, 102];
    const result = ratioInterval(
      baseline.map((value) => value * 2),
      baseline,
    );
    expect(result).toMatchObject({ method: 'signed-rank', blocks: 6, confidence: 0.96875 });
    expect(result.ratio).toBeCloseTo(2, 12);
    expect(result.low).toBeCloseTo(2, 12);
    expect(result.high).toBeCloseTo(2, 12);
  });

  test('is bootstrapped from ten blocks on and contains the ratio', () => {
    const next = random(5);
    const baseline = Array.from({ length: 12 }, () => 1e9 * (1 + 0.01 * next()));
    const result = ratioInterval(
      baseline.map((value) => value * (1.05 + 0.01 * next())),
      baseline,
    );
    expect(result.method).toBe('bca-bootstrap');
    expect(result.low).toBeLessThanOrEqual(result.ratio);
    expect(result.high).toBeGreaterThanOrEqual(result.ratio);
    expect(result.ratio).toBeCloseTo(1.055, 2);
  });

  test('is inverted by exchanging the sides', () => {
    const a = [3, 5, 4, 6, 5, 7, 4];
    const b = [2, 4, 4, 3, 4, 5, 3];
    const forward = ratioInterval(a, b);
    const back = ratioInterval(b, a);
    expect(back.ratio).toBeCloseTo(1 / forward.ratio, 12);
    expect(back.low).toBeCloseTo(1 / forward.high, 12);
  });

  test('refuses blocks without a partner and times that are not positive', () => {
    expect(() => ratioInterval([1, 2], [1])).toThrow(RangeError);
    expect(() => ratioInterval([1, 0], [1, 1])).toThrow(RangeError);
    expect(() => ratioInterval([], [])).toThrow(RangeError);
  });
});
