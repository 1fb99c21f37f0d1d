// SPDX-License-Identifier: GPL-2.0-or-later
import { scheduleBlock } from '#domain/schedule.js';
import { benjaminiHochberg } from '#statistics/benjamini-hochberg.js';
import { clopperPearson } from '#statistics/clopper-pearson.js';
import { minimumDetectableEffect } from '#statistics/minimum-detectable-effect.js';
import { random, type Random } from '#statistics/random.js';
import { estimateRatio } from '#statistics/ratio-estimate.js';
import { jobPlan, variantOf } from '#support/job-plan.js';
import { normalDraw, normalDraws } from '#support/draws.js';

/** Counts trials whose p value is at most 5 %. */
const fires = (trials: number, draw: () => number[]): number => {
  let fired = 0;
  for (let trial = 0; trial < trials; trial += 1)
    fired += Number(estimateRatio(draw()).pValue <= 0.05);
  return fired;
};

/**
 * Returns whether this number of events in `trials` is consistent with a probability, at 99.9 %.
 */
const fits = (events: number, trials: number, probability: number): boolean => {
  const { low, high } = clopperPearson(events, trials, 0.999);
  return low <= probability && probability <= high;
};

/** Measurement noise: mostly small, with an occasional disturbance. */
const disturbed = (next: Random): number => 0.01 * normalDraw(next) * (next() < 0.1 ? 5 : 1);

describe.each([
  [6, 1000],
  [8, 1000],
  [12, 300],
  [20, 120],
])('with %i blocks', (count, trials) => {
  const next = random(41, count);
  // Exact levels below ten blocks: 2 P(T⁺ ≤ k) for the largest k with at most 5 %. Nominal from ten
  // on.
  const level = { 6: 2 / 64, 8: 10 / 256 }[count] ?? 0.05;

  test('an A/A comparison alarms at its nominal rate', () => {
    expect(
      fits(
        fires(trials, () => normalDraws(count, next).map((value) => 0.01 * value)),
        trials,
        level,
      ),
    ).toBe(true);
  });

  test('an A/A comparison alarms no more often under disturbances', () => {
    const fired = fires(trials, () =>
      Array.from({ length: count }, () => disturbed(next) - disturbed(next)),
    );
    expect(clopperPearson(fired, trials, 0.999).low).toBeLessThan(level);
  });
});

test.each([
  [12, 300, 0.7, 0.87],
  [6, 2000, 0.55, 0.7],
])(
  'an effect of the stated minimum is found with %i blocks as often as docs/statistics-mathematics.md states',
  (count, trials, least, most) => {
    const next = random(42, count);
    const effect = minimumDetectableEffect(0.01, count);
    const found = fires(trials, () =>
      normalDraws(count, next).map((value) => effect + 0.01 * value),
    );
    expect(found / trials).toBeGreaterThan(least);
    expect(found / trials).toBeLessThan(most);
  },
);

test.each([
  [12, 5, 120, 0.6, 0.87],
  [8, 5, 1000, 0.4, 0.85],
])(
  'with %i blocks, a single effect of the stated minimum among %i comparisons is found as ' +
    'often as docs/statistics-mathematics.md states',
  (count, comparisons, trials, least, most) => {
    const next = random(45, count);
    const effect = minimumDetectableEffect(0.01, count, 0.8, 0.05 / comparisons);
    let found = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const pValues = Array.from(
        { length: comparisons },
        (_, index) =>
          estimateRatio(
            normalDraws(count, next).map((value) => (index === 0 ? effect : 0) + 0.01 * value),
          ).pValue,
      );
      found += Number(benjaminiHochberg(pValues)[0]! <= 0.05);
    }
    expect(found / trials).toBeGreaterThan(least);
    expect(found / trials).toBeLessThan(most);
  },
);

describe('in blocks of pairs ordered by coin', () => {
  const BLOCKS = 12;
  const plan = (seed: number) =>
    jobPlan({
      blocks: BLOCKS,
      seed,
      variants: [variantOf('none'), variantOf('idle')],
    });

  /** Counts false differences between `idle` and `none` when a run's time depends on its moment. */
  const falseAlarms = (
    trials: number,
    factor: (block: number, position: number, runs: number) => number,
  ): number => {
    const next = random(43);
    let trial = 0;
    return fires(trials, () => {
      trial += 1;
      return Array.from({ length: BLOCKS }, (_, index) => {
        const runs = scheduleBlock(plan(trial), index + 1);
        const logTime = (variant: string): number => {
          const { position } = runs.find((run) => run.variant === variant)!;
          return Math.log(factor(index, position, runs.length)) + 0.005 * normalDraw(next);
        };
        return logTime('idle') - logTime('none');
      });
    });
  };

  test('a machine that slows down by a third during the job causes no more alarms', () => {
    const fired = falseAlarms(
      250,
      (block, position, runs) => 1 + (0.33 * (block * runs + position)) / (BLOCKS * runs),
    );
    expect(clopperPearson(fired, 250, 0.999).low).toBeLessThan(0.05);
  });

  test('a first run of each block that is 5 % slower causes no more alarms', () => {
    const fired = falseAlarms(250, (_, position) => (position === 0 ? 1.05 : 1));
    expect(clopperPearson(fired, 250, 0.999).low).toBeLessThan(0.05);
  });

  test('a slow first run that is always of the same variant causes more alarms', () => {
    const next = random(44);
    const fired = fires(20, () =>
      Array.from({ length: BLOCKS }, () => Math.log(1.05) + 0.005 * normalDraw(next)),
    );
    expect(fired).toBe(20);
  });
});
