// SPDX-License-Identifier: GPL-2.0-or-later
import { clopperPearson } from '#statistics/clopper-pearson.js';
import { median } from '#statistics/median.js';
import { random, type Random } from '#statistics/random.js';
import { decide, LOOK_EVERY, LOOK_FIRST } from '#statistics/sequential-decision.js';
import { signInterval } from '#statistics/sign-sequence.js';
import { pageOf } from './documentation.js';
import { normalDraw } from '#support/draws.js';
import { AS_RECORDED, pairsOfNoise, RUNS, THIRTY_MS_AROUND } from './noise.js';

const THRESHOLD = 0.02;
const MOST_PAIRS = 384;
const TRIALS = 400;

interface Outcome {
  readonly verdict: ReturnType<typeof decide>;
  readonly pairs: number;
  /** Whether the interval at the stop contains the effect. */
  readonly covered: boolean;
}

/** Follows one comparison through its checks, up to 384 pairs. */
function follow(values: readonly number[], effect: number): Outcome {
  for (let pairs = LOOK_FIRST; ; pairs += LOOK_EVERY) {
    const seen = values.slice(0, pairs);
    const verdict = decide(seen, THRESHOLD, 1);
    if (verdict === null && pairs < MOST_PAIRS) continue;
    const { low, high } = signInterval(seen)!;
    return { verdict, pairs, covered: low <= effect && effect <= high };
  }
}

/** Simulates many comparisons on real noise, with an effect and the layout's shift per block. */
function simulate(
  noise: keyof typeof RUNS,
  ratio: number,
  seed: number,
  layout: (next: Random) => (block: number) => number = () => () => 0,
): Outcome[] {
  const effect = Math.log(ratio);
  const next = random(64, seed);
  const pace = noise === 'containers' ? AS_RECORDED : THIRTY_MS_AROUND;
  return Array.from({ length: TRIALS }, () => {
    const shift = layout(next);
    const values = pairsOfNoise(RUNS[noise], MOST_PAIRS, next, pace);
    return follow(
      values.map((value, block) => value + effect + shift(block)),
      effect,
    );
  });
}

const countOf = (outcomes: readonly Outcome[], verdict: Outcome['verdict']): number =>
  outcomes.filter((outcome) => outcome.verdict === verdict).length;

/** Returns whether this number of all trials is consistent with a probability, at 99.9 %. */
const fits = (events: number, probability: number): boolean => {
  const { low, high } = clopperPearson(events, TRIALS, 0.999);
  return low <= probability && probability <= high;
};

/** Returns whether the intervals at the stop cover in 95 % or more. */
const covers = (outcomes: readonly Outcome[]): boolean =>
  clopperPearson(outcomes.filter(({ covered }) => covered).length, TRIALS, 0.999).high > 0.95;

const { table } = pageOf('docs/statistics-mathematics.md');
const shareOf = (percent: string): number => Number.parseFloat(percent) / 100;

// Shares and medians of larger simulations, up to 384 pairs.
describe.each(
  table('noise', 'ended as no change').map(([noise, noChange, ...pairs]) => {
    const [pairsToNoChange, pairsTo5, pairsTo10] = pairs.map(Number) as [number, number, number];
    return {
      noise: noise as keyof typeof RUNS,
      noChange: shareOf(noChange!),
      pairsToNoChange,
      pairsTo5,
      pairsTo10,
    };
  }),
)('the sequence on $noise noise', ({ noise, noChange, pairsToNoChange, pairsTo5, pairsTo10 }) => {
  const near = (outcomes: readonly Outcome[], pairs: number): void => {
    const middle = median(outcomes.map((outcome) => outcome.pairs));
    expect(middle).toBeGreaterThan(0.7 * pairs);
    expect(middle).toBeLessThan(1.4 * pairs);
  };

  test('equal builds raise no alarm and mostly end as "no change"', () => {
    const outcomes = simulate(noise, 1, 1);
    expect(countOf(outcomes, 'regression') + countOf(outcomes, 'improvement')).toBeLessThanOrEqual(
      1,
    );
    expect(fits(countOf(outcomes, 'no-change'), noChange)).toBe(true);
    near(outcomes, pairsToNoChange);
    expect(covers(outcomes)).toBe(true);
  });

  test('5 and 10 % are found', () => {
    const five = simulate(noise, 1.05, 2);
    expect(fits(countOf(five, 'regression'), 1) || fits(countOf(five, 'regression'), 0.99)).toBe(
      true,
    );
    near(five, pairsTo5);
    expect(covers(five)).toBe(true);
    const ten = simulate(noise, 1.1, 3);
    expect(countOf(ten, 'regression')).toBe(TRIALS);
    near(ten, pairsTo10);
    const faster = simulate(noise, 1 / 1.1, 4);
    expect(countOf(faster, 'improvement')).toBe(TRIALS);
  });

  test('an effect at the threshold is called a regression in at most 2.5 %', () => {
    const outcomes = simulate(noise, 1 + THRESHOLD, 5);
    const regressions = countOf(outcomes, 'regression');
    expect(clopperPearson(regressions, TRIALS, 0.999).low).toBeLessThan(0.025);
    expect(covers(outcomes)).toBe(true);
  });
});

test('plain 95 % intervals with optional stopping cover in less than 85 %', () => {
  const edge = Math.log1p(THRESHOLD);
  const next = random(65);
  let covered = 0;
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const values = pairsOfNoise(RUNS.free, MOST_PAIRS, next).map((value) => value + edge);
    for (let pairs = LOOK_FIRST; ; pairs += LOOK_EVERY) {
      const sorted = values.slice(0, pairs).sort((a, b) => a - b);
      const rank = Math.floor(pairs / 2 - 0.98 * Math.sqrt(pairs));
      const low = sorted[rank - 1]!;
      const high = sorted[pairs - rank]!;
      const decided = low > edge || high < -edge || (low >= -edge && high <= edge);
      if (!decided && pairs < MOST_PAIRS) continue;
      covered += Number(low <= edge && edge <= high);
      break;
    }
  }
  expect(clopperPearson(covered, TRIALS, 0.999).high).toBeLessThan(0.95);
  expect(covered / TRIALS).toBeLessThan(0.85);
});

describe('the sequence with a layout of 1.6 %', () => {
  const links =
    (count: number) =>
    (next: Random): ((block: number) => number) => {
      const shifts = Array.from({ length: count }, () => 0.016 * Math.SQRT2 * normalDraw(next));
      return (block) => shifts[block % count]!;
    };

  test.each(table('links a side', 'true ratio'))(
    '%s links a side, at a ratio of %s: %s regression, %s improvement, %s no-change, the interval holds in %s',
    (count, ratio, ...shares) => {
      const outcomes = simulate('pinned', Number(ratio), 10, links(Number(count)));
      const seen = [
        countOf(outcomes, 'regression'),
        countOf(outcomes, 'improvement'),
        countOf(outcomes, 'no-change'),
        outcomes.filter(({ covered }) => covered).length,
      ];
      // 0 % and 99 % are rounded.
      const near = (share: string) => [-0.005, 0, 0.005].map((off) => shareOf(share) + off);
      expect(shares).toHaveLength(seen.length);
      shares.forEach((share, place) =>
        expect(near(share).some((each) => fits(seen[place]!, each))).toBe(true),
      );
    },
  );
});
