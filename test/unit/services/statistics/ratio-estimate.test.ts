// SPDX-License-Identifier: GPL-2.0-or-later
import { bcaInterval } from '#statistics/bca-bootstrap.js';
import {
  minimumDetectableEffect,
  standardDeviation,
} from '#statistics/minimum-detectable-effect.js';
import { bootstrapPseudoMedian } from '#statistics/pseudo-median.js';
import { random } from '#statistics/random.js';
import { minimumDetectableRatio, estimateRatio } from '#statistics/ratio-estimate.js';
import { signedRankPValue } from '#statistics/signed-rank-test.js';
import { normalDraws } from '#support/draws.js';

describe('the estimate of a ratio', () => {
  test.each([6, 9, 10, 15])(
    'from %i blocks has a p value ≤ 5 %% exactly if the interval excludes 1',
    (count) => {
      const next = random(17, count);
      let left = 0;
      for (let trial = 0; trial < 60; trial += 1) {
        const values = normalDraws(count, next).map((value) => 0.01 * (value + 0.7));
        const { interval, pValue } = estimateRatio(values);
        const outside = interval.low > 1 || interval.high < 1;
        expect(pValue <= 1 - interval.confidence + 1e-9).toBe(outside);
        left += Number(outside);
      }
      expect(left).toBeGreaterThan(5);
      expect(left).toBeLessThan(55);
    },
  );

  test('has at most the exact p value for effects beyond every resample', () => {
    const values = normalDraws(12, random(2)).map((value) => 1 + 0.01 * value);
    expect(signedRankPValue(values)).toBe(2 / 2 ** 12);
    expect(estimateRatio(values).pValue).toBeLessThanOrEqual(2 / 2 ** 12);
  });

  test(
    'stretches the interval to a median outside of it, and then finds no difference on the ' +
      'other side',
    () => {
      // Most blocks lie just above 1; the rest far below pull the pseudo-median under it.
      const values = [
        0.001, 0.0011, 0.0012, 0.0013, 0.0014, 0.0015, 0.0016, 0.0017, -0.5, -0.6, -0.7, -0.8, -0.9,
        -1, -1.1,
      ];
      const { interval, pValue } = estimateRatio(values);
      expect(interval.ratio).toBeGreaterThan(1);
      expect(interval.low).toBeLessThan(1);
      expect(interval.high).toBeGreaterThanOrEqual(interval.ratio);
      expect(pValue).toBe(1);
    },
  );

  test('stretches the interval to a median outside of it, at either end', () => {
    // Quantiles of an exponential distribution: the median is far below the pseudo-median.
    const values = Array.from({ length: 150 }, (_, index) => -Math.log(1 - (index + 0.5) / 150));
    const unstretched = bcaInterval(bootstrapPseudoMedian(values));
    const above = estimateRatio(values).interval;
    expect(above.low).toBe(above.ratio);
    expect(Math.log(above.low)).toBeLessThan(unstretched.low);
    expect(Math.log(above.high)).toBeCloseTo(unstretched.high, 12);
    const below = estimateRatio(values.map((value) => -value)).interval;
    expect(below.high).toBe(below.ratio);
  });

  test('gives the minimum detectable effect from the spread of the log ratios', () => {
    const values = normalDraws(12, random(3)).map((value) => 0.01 * value);
    const estimate = estimateRatio(values);
    expect(estimate.logSd).toBe(standardDeviation(values));
    expect(minimumDetectableRatio(estimate, 1)).toBeCloseTo(
      Math.exp(minimumDetectableEffect(estimate.logSd!, 12)),
      12,
    );
    expect(minimumDetectableRatio(estimate, 5)).toBeCloseTo(
      Math.exp(minimumDetectableEffect(estimate.logSd!, 12, 0.8, 0.01)),
      12,
    );
  });

  test('gives no minimum detectable effect if there are too few blocks for the number of comparisons', () => {
    const estimate = estimateRatio(normalDraws(6, random(3)));
    expect(minimumDetectableRatio(estimate, 1)).toBeGreaterThan(1);
    expect(minimumDetectableRatio(estimate, 2)).toBeNull();
    expect(minimumDetectableRatio(estimateRatio(normalDraws(5, random(3))), 1)).toBeNull();
  });

  test('from one block has a ratio and nothing else', () => {
    expect(estimateRatio([0.1])).toMatchObject({
      interval: { confidence: 0, blocks: 1 },
      pValue: 1,
      logSd: null,
    });
    expect(minimumDetectableRatio(estimateRatio([0.1]), 1)).toBeNull();
    expect(() => estimateRatio([])).toThrow(RangeError);
  });
});
