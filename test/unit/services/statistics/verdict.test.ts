// SPDX-License-Identifier: GPL-2.0-or-later
import type { Verdict } from '#contract/comparison.js';
import { confirm } from '#statistics/confirmation.js';
import { verdictOf, type VerdictRule } from '#statistics/verdict.js';

const interval = (
  low: number,
  high: number,
  confidence = 0.95,
): { low: number; high: number; confidence: number } => ({ low, high, confidence });
const SMALL: VerdictRule = { threshold: 0.02, direction: 'smaller-is-better' };
const LARGE: VerdictRule = { threshold: 0.02, direction: 'larger-is-better' };

describe('verdict', () => {
  test.each<[what: string, low: number, high: number, p: number, verdict: Verdict]>([
    ['above the band', 1.021, 1.05, 0.01, 'regression'],
    ['above the band, but not significant once adjusted', 1.021, 1.05, 0.06, 'inconclusive'],
    ['above 1 but not above the band', 1.01, 1.05, 0.001, 'inconclusive'],
    ['within the band', 0.99, 1.01, 0.8, 'no-change'],
    ['within the band, although it is a difference', 1.005, 1.015, 0.0001, 'no-change'],
    ['wider than the band', 0.9, 1.1, 0.8, 'inconclusive'],
    ['below the band', 0.9, 0.975, 0.01, 'improvement'],
    ['below the band, but not significant once adjusted', 0.9, 0.975, 0.2, 'inconclusive'],
    ['ending at the band', 1.01, 1.02, 0.001, 'no-change'],
  ])('of an interval %s', (_, low, high, p, verdict) => {
    expect(verdictOf(interval(low, high), p, SMALL)).toBe(verdict);
  });

  test('reverses for a larger-is-better metric', () => {
    expect(verdictOf(interval(1.03, 1.05), 0.01, LARGE)).toBe('improvement');
    expect(verdictOf(interval(0.9, 0.95), 0.01, LARGE)).toBe('regression');
  });

  test('of the inverse ratio is the opposite, at every interval', () => {
    const opposite: Partial<Record<Verdict, Verdict>> = {
      regression: 'improvement',
      improvement: 'regression',
      'no-change': 'no-change',
      inconclusive: 'inconclusive',
      'same-binary': 'same-binary',
    };
    for (let low = 0.95; low < 1.06; low += 0.003) {
      for (let high = low; high < 1.06; high += 0.003) {
        expect(verdictOf(interval(1 / high, 1 / low), 0.01, SMALL)).toBe(
          opposite[verdictOf(interval(low, high), 0.01, SMALL)],
        );
        expect(verdictOf(interval(low, high), 0.01, LARGE)).toBe(
          opposite[verdictOf(interval(low, high), 0.01, SMALL)],
        );
      }
    }
  });

  test('defaults to a threshold of 2 % and smaller-is-better', () => {
    expect(verdictOf(interval(1.019, 1.05), 0.01)).toBe('inconclusive');
    expect(verdictOf(interval(1.021, 1.05), 0.01)).toBe('regression');
    expect(verdictOf(interval(1.021, 1.05), 0.01, { ...SMALL, threshold: 0.05 })).toBe('no-change');
  });

  test('is inconclusive for an interval below 95 %, whatever its position', () => {
    expect(verdictOf(interval(1.5, 1.6, 0.9375), 0.01, SMALL)).toBe('inconclusive');
    expect(verdictOf(interval(1, 1, 0.9375), 1, SMALL)).toBe('inconclusive');
  });

  test('refuses invalid thresholds and p values', () => {
    expect(() => verdictOf(interval(1, 1), 0.5, { ...SMALL, threshold: 0 })).toThrow(RangeError);
    expect(() => verdictOf(interval(1, 1), 1.1, SMALL)).toThrow(RangeError);
  });
});

describe('confirmation', () => {
  const OTHERS: Verdict[] = ['improvement', 'no-change', 'inconclusive'];

  test('calls a regression if both batches call one', () => {
    expect(confirm('regression', 'regression')).toEqual({
      verdict: 'regression',
      suspected: false,
    });
  });

  test('only suspects a regression that one batch calls', () => {
    expect(confirm('regression', null)).toEqual({ verdict: 'inconclusive', suspected: true });
    for (const second of OTHERS)
      expect(confirm('regression', second)).toEqual({ verdict: 'inconclusive', suspected: true });
  });

  test('keeps every other first verdict, regardless of the second', () => {
    for (const first of OTHERS) {
      for (const second of [...OTHERS, 'regression' as const, null])
        expect(confirm(first, second)).toEqual({ verdict: first, suspected: false });
    }
  });
});
