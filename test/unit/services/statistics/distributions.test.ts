// SPDX-License-Identifier: GPL-2.0-or-later
import { clopperPearson } from '#statistics/clopper-pearson.js';
import { falseAlarmRate } from '#statistics/false-alarm-rate.js';
import { incompleteBeta, inverseIncompleteBeta } from '#statistics/incomplete-beta.js';
import {
  minimumDetectableEffect,
  power,
  standardDeviation,
} from '#statistics/minimum-detectable-effect.js';
import { noncentralStudentCdf, studentCdf, studentQuantile } from '#statistics/student-t.js';
import { R, SCIPY } from './fixtures.js';

describe('the distribution functions', () => {
  test('the incomplete beta function agrees with scipy, and its inverse undoes it', () => {
    for (const [x, a, b, value] of SCIPY.beta) {
      expect(incompleteBeta(x, a, b)).toBeCloseTo(value, 12);
      expect(inverseIncompleteBeta(incompleteBeta(x, a, b), a, b)).toBeCloseTo(x, 10);
    }
    expect(incompleteBeta(0, 2, 3)).toBe(0);
    expect(incompleteBeta(1, 2, 3)).toBe(1);
    expect(() => incompleteBeta(1.1, 2, 3)).toThrow(RangeError);
    expect(() => inverseIncompleteBeta(-0.1, 2, 3)).toThrow(RangeError);
  });

  test("Student's t agrees with scipy, and its quantile undoes it", () => {
    for (const [t, degrees, cdf] of SCIPY.student) {
      expect(studentCdf(t, degrees)).toBeCloseTo(cdf, 12);
      expect(studentQuantile(cdf, degrees)).toBeCloseTo(t, 8);
    }
    expect(() => studentQuantile(1, 5)).toThrow(RangeError);
  });

  test('the noncentral t agrees with scipy', () => {
    for (const [t, degrees, delta, cdf] of SCIPY.noncentral)
      expect(noncentralStudentCdf(t, degrees, delta)).toBeCloseTo(cdf, 8);
  });
});

describe('minimum detectable effect', () => {
  test("agrees with scipy's noncentral t", () => {
    for (const [sd, count, effect] of SCIPY.detectable)
      expect(minimumDetectableEffect(sd, count) / effect).toBeCloseTo(1, 6);
  });

  test.each([6, 10, 20, 30])("agrees with R's power.t.test for %i blocks", (count) => {
    expect(minimumDetectableEffect(0.01, count)).toBeCloseTo(R.get(`power.${count}`)![0]!, 9);
  });

  test('is the effect found with the requested power, and 0 without variation', () => {
    expect(power(minimumDetectableEffect(0.01, 12), 0.01, 12)).toBeCloseTo(0.8, 8);
    expect(power(0, 0.01, 12)).toBeCloseTo(0.05, 8);
    expect(minimumDetectableEffect(0, 12)).toBe(0);
  });

  test('is refused for one block, which has no spread', () => {
    expect(() => minimumDetectableEffect(0.01, 1)).toThrow(RangeError);
    expect(() => minimumDetectableEffect(NaN, 12)).toThrow(RangeError);
    expect(() => standardDeviation([1])).toThrow(RangeError);
    expect(standardDeviation([1, 3])).toBeCloseTo(Math.SQRT2, 14);
  });
});

describe('Clopper-Pearson interval', () => {
  test('agrees with scipy and R', () => {
    for (const [events, trials, low, high] of SCIPY.clopperPearson) {
      const interval = clopperPearson(events, trials);
      expect(interval.low).toBeCloseTo(low, 10);
      expect(interval.high).toBeCloseTo(high, 10);
      const r = R.get(`binom.${events}.${trials}`);
      if (r !== undefined)
        expect([interval.low, interval.high]).toEqual([
          expect.closeTo(r[0]!, 10),
          expect.closeTo(r[1]!, 10),
        ]);
    }
  });

  test('covers everything without trials, and refuses more events than trials', () => {
    expect(clopperPearson(0, 0)).toMatchObject({ low: 0, high: 1 });
    expect(() => clopperPearson(2, 1)).toThrow(RangeError);
    expect(() => clopperPearson(0.5, 1)).toThrow(RangeError);
  });
});

describe('false-alarm rate', () => {
  test('is the share of alarms among comparisons, with 2.5 % expected', () => {
    expect(falseAlarmRate(1, 20)).toMatchObject({
      alarms: 1,
      comparisons: 20,
      rate: 0.05,
      nominal: 0.025,
      advisory: false,
    });
  });

  test("turns advisory when the interval's lower end is above nominal, not when the rate is", () => {
    expect(falseAlarmRate(2, 20)).toMatchObject({ rate: 0.1, advisory: false });
    expect(falseAlarmRate(3, 20)).toMatchObject({ rate: 0.15, advisory: true });
  });

  test('is null before the first comparison, and not advisory', () => {
    expect(falseAlarmRate(0, 0)).toMatchObject({ rate: null, low: 0, high: 1, advisory: false });
    expect(() => falseAlarmRate(2, 1)).toThrow(RangeError);
  });
});
