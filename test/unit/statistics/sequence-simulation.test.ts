import { clopperPearson } from '../../../services/statistics/clopper-pearson.js';
import { median } from '../../../services/statistics/median.js';
import { random, type Random } from '../../../services/statistics/random.js';
import {
  decide,
  LOOK_EVERY,
  LOOK_FIRST,
} from '../../../services/statistics/sequential-decision.js';
import { signInterval } from '../../../services/statistics/sign-sequence.js';
import { normalDraw } from './draws.js';
import { AS_RECORDED, pairsOfNoise, RUNS, THIRTY_MS_AROUND } from './noise.js';

const THRESHOLD = 0.02;
const MOST_PAIRS = 384;
const TRIALS = 400;

interface Outcome {
  readonly verdict: ReturnType<typeof decide>;
  readonly pairs: number;
  /** The interval at the stop holds the effect. */
  readonly covered: boolean;
}

/** One comparison with looks, up to 384 pairs. */
function follow(values: readonly number[], effect: number): Outcome {
  for (let pairs = LOOK_FIRST; ; pairs += LOOK_EVERY) {
    const seen = values.slice(0, pairs);
    const verdict = decide(seen, THRESHOLD, 1);
    if (verdict === null && pairs < MOST_PAIRS) continue;
    const { low, high } = signInterval(seen)!;
    return { verdict, pairs, covered: low <= effect && effect <= high };
  }
}

/** Many comparisons of real noise, with an effect and what layout adds to every block. */
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

const count = (outcomes: readonly Outcome[], verdict: Outcome['verdict']): number =>
  outcomes.filter((outcome) => outcome.verdict === verdict).length;

/** Whether so many of all trials can come of a probability, at 99.9 %. */
const fits = (events: number, probability: number): boolean => {
  const { low, high } = clopperPearson(events, TRIALS, 0.999);
  return low <= probability && probability <= high;
};

/** Whether the intervals at the stop cover in 95 % or more. */
const covers = (outcomes: readonly Outcome[]): boolean =>
  clopperPearson(outcomes.filter(({ covered }) => covered).length, TRIALS, 0.999).high > 0.95;

// Shares and medians of the study's simulation of 1000 and 600 comparisons, up to 384 pairs.
describe.each([
  { noise: 'pinned', noChange: 0.985, pairsToNoChange: 92, pairsTo5: 48, pairsTo10: 20 },
  { noise: 'free', noChange: 0.913, pairsToNoChange: 220, pairsTo5: 88, pairsTo10: 36 },
  { noise: 'containers', noChange: 0.56, pairsToNoChange: 350, pairsTo5: 120, pairsTo10: 36 },
] as const)('on $noise noise', ({ noise, noChange, pairsToNoChange, pairsTo5, pairsTo10 }) => {
  const near = (outcomes: readonly Outcome[], pairs: number): void => {
    const middle = median(outcomes.map((outcome) => outcome.pairs));
    expect(middle).toBeGreaterThan(0.7 * pairs);
    expect(middle).toBeLessThan(1.4 * pairs);
  };

  test('equal builds raise no alarm and mostly end as "no change"', () => {
    const outcomes = simulate(noise, 1, 1);
    expect(count(outcomes, 'regression') + count(outcomes, 'improvement')).toBeLessThanOrEqual(1);
    expect(fits(count(outcomes, 'no-change'), noChange)).toBe(true);
    near(outcomes, pairsToNoChange);
    expect(covers(outcomes)).toBe(true);
  });

  test('5 and 10 % are found', () => {
    const five = simulate(noise, 1.05, 2);
    expect(fits(count(five, 'regression'), 1) || fits(count(five, 'regression'), 0.99)).toBe(true);
    near(five, pairsTo5);
    expect(covers(five)).toBe(true);
    const ten = simulate(noise, 1.1, 3);
    expect(count(ten, 'regression')).toBe(TRIALS);
    near(ten, pairsTo10);
    const faster = simulate(noise, 1 / 1.1, 4);
    expect(count(faster, 'improvement')).toBe(TRIALS);
  });

  test('an effect at the edge is called a regression in at most 2.5 %', () => {
    const outcomes = simulate(noise, 1 + THRESHOLD, 5);
    const regressions = count(outcomes, 'regression');
    expect(clopperPearson(regressions, TRIALS, 0.999).low).toBeLessThan(0.025);
    expect(covers(outcomes)).toBe(true);
  });
});

test('plain 95 % intervals that stop when they decide cover in less than 85 %', () => {
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

describe('with a layout of 1.6 %', () => {
  const draw = (next: Random): number => 0.016 * Math.SQRT2 * normalDraw(next);
  const oneBuild = (next: Random): ((block: number) => number) => {
    const shift = draw(next);
    return () => shift;
  };
  const sixteenLinks = (next: Random): ((block: number) => number) => {
    const shifts = Array.from({ length: 16 }, () => draw(next));
    return (block) => shifts[block % 16]!;
  };

  test('one build a side makes false regressions in 13 %', () => {
    const outcomes = simulate('pinned', 1, 10, oneBuild);
    expect(fits(count(outcomes, 'regression'), 0.13)).toBe(true);
    expect(fits(count(outcomes, 'improvement'), 0.115)).toBe(true);
  });

  test('16 links a side, in turns, make none and still find 5 %', () => {
    const equal = simulate('pinned', 1, 11, sixteenLinks);
    expect(count(equal, 'regression') + count(equal, 'improvement')).toBeLessThanOrEqual(1);
    expect(fits(count(equal, 'no-change'), 0.87)).toBe(true);
    const slower = simulate('pinned', 1.05, 12, sixteenLinks);
    expect(fits(count(slower, 'regression'), 0.997)).toBe(true);
  });
});
