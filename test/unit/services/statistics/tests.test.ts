// SPDX-License-Identifier: GPL-2.0-or-later
import { bcaInterval, bcaPValue } from '#statistics/bca-bootstrap.js';
import { benjaminiHochberg } from '#statistics/benjamini-hochberg.js';
import { bootstrapPseudoMedian, pseudoMedian } from '#statistics/pseudo-median.js';
import { random } from '#statistics/random.js';
import { signedRankInterval } from '#statistics/signed-rank-interval.js';
import { signedRankPValue } from '#statistics/signed-rank-test.js';
import { normalDraws } from '#support/draws.js';
import { R, SAMPLES, SCIPY } from './fixtures.js';

describe.each([...SAMPLES.keys()])('sample %s', (name) => {
  const values = SAMPLES.get(name)!;
  const scipy = SCIPY.samples[name]!;
  const [pseudo, low, high, pValue] = R.get(`wilcox.${name}`)!;

  test('pseudo-median, signed-rank interval and p value agree with R and scipy', () => {
    expect(pseudoMedian(values)).toBeCloseTo(scipy.pseudoMedian, 12);
    expect(pseudoMedian(values)).toBeCloseTo(pseudo!, 12);
    const interval = signedRankInterval(values);
    expect(interval.low).toBeCloseTo(low!, 12);
    expect(interval.high).toBeCloseTo(high!, 12);
    expect(signedRankPValue(values)).toBeCloseTo(pValue!, 12);
    expect(signedRankPValue(values)).toBeCloseTo(scipy.signedRankP, 12);
  });

  if (scipy.bca !== null) {
    test('the BCa interval agrees with scipy within the noise of resampling', () => {
      const interval = bcaInterval(bootstrapPseudoMedian(values));
      const slack = 0.04 * (scipy.bca![1] - scipy.bca![0]);
      expect(Math.abs(interval.low - scipy.bca![0])).toBeLessThan(slack);
      expect(Math.abs(interval.high - scipy.bca![1])).toBeLessThan(slack);
    });
  }
});

describe('signed-rank test', () => {
  test('rejects at a level exactly if the interval of that level excludes 0, ties and zeros included', () => {
    const next = random(31);
    for (let trial = 0; trial < 300; trial += 1) {
      const values = Array.from({ length: 6 + (trial % 4) }, () => Math.round(8 * next() - 2.5));
      const { low, high, confidence } = signedRankInterval(values);
      expect(signedRankPValue(values) <= 1 - confidence + 1e-12).toBe(low > 0 || high < 0);
    }
  });

  test('is at most 1 and refuses an invalid sample', () => {
    expect(signedRankPValue([0, 0, 0])).toBe(1);
    expect(() => signedRankPValue([])).toThrow(RangeError);
    expect(() => signedRankPValue([NaN])).toThrow(RangeError);
  });
});

describe('BCa bootstrap of the pseudo-median', () => {
  test('is deterministic and independent of the order', () => {
    const values = Array.from({ length: 20 }, (_, index) => Math.sin(index * 7));
    expect(bcaInterval(bootstrapPseudoMedian(values))).toEqual(
      bcaInterval(bootstrapPseudoMedian([...values].reverse())),
    );
  });

  test('equals the value if all values are equal', () => {
    expect(bcaInterval(bootstrapPseudoMedian(Array<number>(12).fill(2)))).toEqual({
      low: 2,
      high: 2,
      confidence: 0.95,
    });
  });

  test('has the p value at whose level its interval ends at 0', () => {
    const next = random(8);
    for (const shift of [-0.9, -0.3, 0, 0.1, 0.4, 0.7, 1.1]) {
      const bootstrap = bootstrapPseudoMedian(normalDraws(12, next).map((value) => value + shift));
      const { pValue, resolved } = bcaPValue(bootstrap);
      expect(resolved).toBe(bootstrap.resampled[0]! <= 0 && bootstrap.resampled.at(-1)! >= 0);
      if (!resolved || pValue > 0.999) continue;
      const { low, high } = bcaInterval(bootstrap, 1 - pValue);
      expect(Math.min(Math.abs(low), Math.abs(high))).toBeLessThan(1e-9);
    }
  });

  test('states its resolution limit for effects beyond every resample', () => {
    const far = bcaPValue(
      bootstrapPseudoMedian(normalDraws(12, random(2)).map((value) => value + 50)),
    );
    const farBelow = bcaPValue(
      bootstrapPseudoMedian(normalDraws(12, random(2)).map((value) => value - 50)),
    );
    expect(far.resolved).toBe(false);
    expect(far.pValue).toBeLessThan(0.01);
    expect(farBelow.resolved).toBe(false);
    expect(farBelow.pValue).toBeLessThan(0.01);
    expect(bcaPValue(bootstrapPseudoMedian(Array<number>(12).fill(0)))).toEqual({
      pValue: 1,
      resolved: true,
    });
  });

  test('refuses a single value', () => {
    expect(() => bootstrapPseudoMedian([1])).toThrow(RangeError);
    expect(() => pseudoMedian([])).toThrow(RangeError);
    expect(() => pseudoMedian([1, NaN])).toThrow(RangeError);
  });
});

describe('the adjustment by Benjamini and Hochberg', () => {
  test("agrees with R's p.adjust, in the order of the input", () => {
    const adjusted = benjaminiHochberg(R.get('p')!);
    R.get('p.adjust')!.forEach((value, index) => expect(adjusted[index]).toBeCloseTo(value, 12));
  });

  test('leaves a single p value and an empty list unchanged', () => {
    expect(benjaminiHochberg([0.03])).toEqual([0.03]);
    expect(benjaminiHochberg([])).toEqual([]);
    expect(() => benjaminiHochberg([0.5, NaN])).toThrow(RangeError);
  });
});
