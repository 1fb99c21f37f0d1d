// SPDX-License-Identifier: GPL-2.0-or-later
import { logBeta, logIncompleteBeta } from '#statistics/incomplete-beta.js';
import { pairsForEffect, pairsForNoChange } from '#statistics/planned-pairs.js';
import { random } from '#statistics/random.js';
import { robustSd } from '#statistics/robust-sd.js';
import { decide, fewestPairs, lastLook, nextLook } from '#statistics/sequential-decision.js';
import { evidencePValue, logEvidenceAbove, logEvidenceBelow } from '#statistics/sign-evidence.js';
import { signEstimate, signInterval, signRank } from '#statistics/sign-sequence.js';
import { normalDraws } from '#support/draws.js';

/** `up` values of 1 and `down` values of -1. */
const signs = (up: number, down: number): number[] => [
  ...new Array<number>(up).fill(1),
  ...new Array<number>(down).fill(-1),
];

describe('the confidence sequence of signs', () => {
  test('has the exact ranks of Beta(10, 10) at 95 %', () => {
    const ranks = {
      ...{ 0: 0, 14: 0, 15: 1, 16: 1, 17: 1, 18: 2, 20: 3, 24: 4, 28: 6, 32: 7, 40: 10, 48: 14 },
      ...{ 64: 20, 80: 27, 96: 34, 128: 47, 160: 61, 192: 76, 256: 104, 320: 133, 384: 162 },
      ...{ 512: 221, 768: 341 },
    };
    for (const [count, rank] of Object.entries(ranks)) expect(signRank(Number(count))).toBe(rank);
  });

  test('takes the r-th value from either end, in any order of input', () => {
    const values = Array.from({ length: 40 }, (_, index) => (index * 7) % 40);
    expect(signInterval(values)).toEqual({ low: 9, high: 30 });
    expect(signEstimate(values)).toEqual({ value: 19.5, low: 9, high: 30 });
  });

  test('has no interval before 15 values, and refuses an invalid sample', () => {
    expect(signInterval(signs(14, 0))).toBeNull();
    expect(signInterval(signs(15, 0))).toEqual({ low: 1, high: 1 });
    expect(() => signInterval([Infinity])).toThrow(RangeError);
    expect(() => signRank(1.5)).toThrow(RangeError);
  });

  test('is wrong at some check in 2.6 % of walks of 768 coins', () => {
    const next = random(61);
    const walks = 4000;
    let wrong = 0;
    for (let walk = 0; walk < walks; walk += 1) {
      let heads = 0;
      let outside = false;
      for (let count = 1; count <= 768; count += 1) {
        if (next() < 0.5) heads += 1;
        if (lastLook(count) === count) outside ||= Math.min(heads, count - heads) < signRank(count);
      }
      if (outside) wrong += 1;
    }
    // 2.63 % of 40,000 walks; five standard errors of 4000 walks.
    expect(wrong / walks).toBeGreaterThan(0.0138);
    expect(wrong / walks).toBeLessThan(0.0388);
  });
});

describe('the evidence of signs', () => {
  // Computed with rational numbers: 2^(n + 1) B(10 + S, 10 + n - S) / B(10, 10) P(Bin(2 · 10 + n -
  // 1, 1/2) ≥ 10 + n - S).
  test.each([
    [0, 16, -1.6221364624783972],
    [8, 16, -0.29944458741763497],
    [15, 16, 3.2643257936397387],
    [16, 16, 4.185989844481718],
    [20, 24, 3.3341473216601516],
    [10, 40, -1.8512471009467413],
    [30, 40, 3.588749105131251],
    [250, 384, 16.11171369805985],
    [384, 384, 233.52290600940168],
    [5, 384, -4.667543489123592],
    [450, 768, 9.966460779438574],
  ])('of %i values above among %i is exact', (above, count, expected) => {
    const values = signs(above, count - above);
    expect(Math.abs(logEvidenceAbove(values, 0) / expected - 1)).toBeLessThan(1e-9);
    expect(
      logEvidenceBelow(
        values.map((value) => -value),
        0,
      ),
    ).toBe(logEvidenceAbove(values, 0));
  });

  test('is 0 without values, and counts a value at the threshold against the effect', () => {
    expect(logEvidenceAbove([], 0)).toBeCloseTo(0, 12);
    const withTies = [...signs(20, 0), 0, 0, 0];
    expect(logEvidenceAbove(withTies, 0)).toBe(logEvidenceAbove(signs(20, 3), 0));
    expect(logEvidenceBelow(withTies, 0)).toBe(logEvidenceBelow(signs(23, 0), 0));
  });

  test('has a mean of 1 under fair coins, at every length', () => {
    for (const count of [1, 16, 60]) {
      let mean = 0;
      for (let above = 0; above <= count; above += 1) {
        const logCoins = -Math.log(count + 1) - logBeta(above + 1, count - above + 1);
        mean += Math.exp(
          logCoins - count * Math.LN2 + logEvidenceAbove(signs(above, count - above), 0),
        );
      }
      expect(mean).toBeCloseTo(1, 9);
    }
  });

  test('gives a p value of 2 / E, at most 1', () => {
    const slower = signs(20, 2);
    expect(evidencePValue(slower, 0.02)).toBeCloseTo(
      2 * Math.exp(-logEvidenceAbove(slower, Math.log(1.02))),
      12,
    );
    expect(
      evidencePValue(
        slower.map((value) => -value),
        0.02,
      ),
    ).toBe(evidencePValue(slower, 0.02));
    expect(evidencePValue(signs(10, 10), 0.02)).toBe(1);
    expect(evidencePValue([], 0.02)).toBe(1);
  });
});

describe('a decision', () => {
  const around = (centre: number, spread: number): number[] =>
    Array.from({ length: 64 }, (_, index) => centre + spread * (index / 63 - 0.5));

  test('has three outcomes, and exchanging the sides exchanges them', () => {
    expect(decide(around(0.05, 0.05), 0.02, 1)).toBe('regression');
    expect(decide(around(-0.05, 0.05), 0.02, 1)).toBe('improvement');
    expect(decide(around(0, 0.05), 0.02, 1)).toBe('no-change');
    expect(decide(around(0.02, 0.05), 0.02, 1)).toBeNull();
    expect(decide([], 0.02, 1)).toBeNull();
  });

  test('for a difference needs more evidence among more comparisons, and for no change does not', () => {
    expect(decide(signs(15, 0), 0.02, 1)).toBe('regression');
    expect(decide(signs(15, 0), 0.02, 2)).toBeNull();
    expect(decide(signs(0, 17), 0.02, 2)).toBe('improvement');
    expect(decide(new Array<number>(15).fill(0), 0.02, 1000)).toBe('no-change');
  });

  test('for a difference has a p value that survives any adjustment', () => {
    for (const comparisons of [1, 2, 5, 20, 100]) {
      const pairs = fewestPairs(comparisons);
      expect(decide(signs(pairs, 0), 0.02, comparisons)).toBe('regression');
      expect(evidencePValue(signs(pairs, 0), 0.02) * comparisons).toBeLessThanOrEqual(0.05);
    }
  });

  test.each([
    [1, 15],
    [2, 17],
    [5, 19],
    [20, 23],
    [100, 27],
  ])('for a difference among %i comparisons takes at least %i pairs', (comparisons, pairs) => {
    expect(fewestPairs(comparisons)).toBe(pairs);
  });

  test('is checked after 16, 20, 24 … blocks', () => {
    expect([0, 15, 16, 17, 19, 20, 21].map(lastLook)).toEqual([0, 0, 16, 16, 16, 20, 20]);
    expect([0, 15, 16, 17, 20, 21].map(nextLook)).toEqual([16, 16, 16, 20, 20, 24]);
  });
});

describe('the plan', () => {
  test('for the measured noise of 4.9 % takes 121 pairs to "no change" at 2 %, so 124 at a check', () => {
    expect(pairsForNoChange(0.049, 0.02)).toBe(124);
  });

  test('takes fewer pairs for a larger effect, down to the minimum', () => {
    expect(pairsForEffect(0.049, 0.02, 0.05)).toBe(68);
    expect(pairsForEffect(0.049, 0.02, -0.05)).toBeLessThan(68);
    expect(pairsForEffect(0.049, 0.02, 1)).toBe(16);
    expect(pairsForEffect(0.049, 0.02, 1, 100)).toBe(28);
    expect(pairsForEffect(0.049, 0.02, 0.02)).toBe(Infinity);
  });
});

test('log I_x(a, b) is accurate where I_x(a, b) underflows', () => {
  // Computed with rational numbers: P(Bin(a + b - 1, 1/2) ≥ a).
  expect(logIncompleteBeta(0.5, 5, 3)).toBeCloseTo(Math.log(29 / 128), 12);
  expect(logIncompleteBeta(0.5, 3, 5)).toBeCloseTo(Math.log(99 / 128), 12);
  expect(Math.abs(logIncompleteBeta(0.5, 2000, 20) / -1294.2826665163943 - 1)).toBeLessThan(1e-12);
  expect(logIncompleteBeta(0, 2, 3)).toBe(-Infinity);
  expect(logIncompleteBeta(1, 2, 3)).toBe(0);
  expect(() => logIncompleteBeta(2, 2, 3)).toThrow(RangeError);
});

describe('the robust standard deviation', () => {
  test('equals the normal one, also with a third of the values far out', () => {
    const values = normalDraws(2000, random(62));
    expect(Math.abs(robustSd(values) - 1)).toBeLessThan(0.1);
    expect(
      robustSd(values.map((value, index) => (index % 3 === 0 ? 50 * value : value))),
    ).toBeLessThan(2);
  });

  test('is 1.4826 times the median distance from the median', () => {
    expect(robustSd([1, 2, 3, 4, 100])).toBeCloseTo(1.4826, 12);
    expect(robustSd([5])).toBe(0);
    expect(() => robustSd([])).toThrow(RangeError);
  });
});
