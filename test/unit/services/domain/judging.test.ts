// SPDX-License-Identifier: GPL-2.0-or-later
import { fixedBlocks, untilDecided } from '#domain/judging.js';
import { estimateCentre, estimateRatio } from '#statistics/ratio-estimate.js';
import { signEstimate } from '#statistics/sign-sequence.js';

const values = Array.from({ length: 16 }, (_, index) => 0.1 + index / 1000);
const THRESHOLD = 0.02;
const judgement = (details = {}) => ({
  adjustedP: 1,
  threshold: THRESHOLD,
  direction: 'smaller-is-better' as const,
  comparisons: 1,
  ...details,
});

describe('a fixed number of blocks', () => {
  test('is estimated by the pseudo-median, and judged by interval and adjusted p value', () => {
    const evidence = fixedBlocks.estimate(values, THRESHOLD)!;

    expect(evidence).toEqual({ values, ...estimateRatio(values) });
    expect(fixedBlocks.verdict(evidence, judgement({ adjustedP: 0.05 }))).toBe('regression');
    expect(fixedBlocks.verdict(evidence, judgement({ adjustedP: 0.06 }))).toBe('inconclusive');
    expect(fixedBlocks.detectable(evidence, 1)).toBeGreaterThan(1);
    const { centre, low, high, confidence } = estimateCentre(values);
    expect(fixedBlocks.centre(values)).toEqual({ value: centre, low, high, confidence });
  });
});

describe('blocks until the comparison is decided', () => {
  test('are estimated by signs as soon as these have an interval', () => {
    expect(untilDecided.estimate(values.slice(0, 14), THRESHOLD)).toBeNull();
    expect(untilDecided.centre(values.slice(0, 14))).toBeNull();
    const { value, low, high } = signEstimate(values)!;
    expect(untilDecided.estimate(values, THRESHOLD)!.interval).toEqual({
      ratio: Math.exp(value),
      low: Math.exp(low),
      high: Math.exp(high),
      confidence: 0.95,
      method: 'sign-sequence',
      blocks: 16,
    });
    expect(untilDecided.centre(values)).toEqual({ value, low, high, confidence: 0.95 });
  });

  test('have a verdict in the direction of the metric', () => {
    const evidence = untilDecided.estimate(values, THRESHOLD)!;

    expect(untilDecided.verdict(evidence, judgement())).toBe('regression');
    expect(untilDecided.verdict(evidence, judgement({ direction: 'larger-is-better' }))).toBe(
      'improvement',
    );
    expect(untilDecided.verdict(evidence, judgement({ threshold: 0.5 }))).toBe('no-change');
    expect(untilDecided.verdict(evidence, judgement({ threshold: 0.11 }))).toBe('inconclusive');
  });

  test('call a difference among several comparisons by the p value that all adjust together', () => {
    const evidence = untilDecided.estimate(values, THRESHOLD)!;

    expect(untilDecided.verdict(evidence, judgement({ comparisons: 100 }))).toBe('inconclusive');
    expect(untilDecided.verdict(evidence, judgement({ comparisons: 100, adjustedP: 0.05 }))).toBe(
      'regression',
    );
  });

  test('are judged by the last check, and show an interval of all blocks', () => {
    const between = untilDecided.estimate([...values, -1, -1], THRESHOLD)!;

    expect(between.interval.blocks).toBe(18);
    expect(untilDecided.verdict(between, judgement())).toBe('regression');
    expect(
      untilDecided.verdict(
        untilDecided.estimate([...values, -1, -1, -1, -1], THRESHOLD)!,
        judgement(),
      ),
    ).toBe('inconclusive');
  });

  test('have no minimum detectable effect: the interval states the result', () => {
    expect(untilDecided.detectable(untilDecided.estimate(values, THRESHOLD)!, 1)).toBeNull();
  });
});
