// SPDX-License-Identifier: GPL-2.0-or-later
// Measures how often intervals of per-block log ratios contain their centre: `npm run
// bench:coverage [-- TRIALS]`. Compares qibench's interval with its alternatives;
// docs/decisions/0010-intervals.md quotes it.
import { bcaInterval, type Bootstrap } from '#statistics/bca-bootstrap.js';
import { median, medianOfSorted } from '#statistics/median.js';
import {
  bootstrapPseudoMedian,
  BOOTSTRAP_SEED,
  pseudoMedian,
  RESAMPLES,
} from '#statistics/pseudo-median.js';
import { random, randomInteger, type Random } from '#statistics/random.js';
import { signedRankInterval, type Interval } from '#statistics/signed-rank-interval.js';
import { studentCdf } from '#statistics/student-t.js';

const TRIALS = Number(process.argv[2] ?? 1000);

const normal = (next: Random): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const exponential = (next: Random): number => -Math.log(1 - next());
/**
 * Difference of two non-negative noises, one twice the other: models a slower and noisier variant.
 */
const uneven = (next: Random): number => 2 * exponential(next) - exponential(next);
const DISTRIBUTIONS: Record<string, (next: Random) => number> = {
  normal,
  disturbed: (next) => normal(next) * (next() < 0.1 ? 5 : 1),
  exponential,
  uneven,
};

/** The median with its bootstrap, after Efron and Tibshirani. */
function bootstrapMedian(values: readonly number[]): Bootstrap {
  const data = Float64Array.from(values).sort();
  const next = random(BOOTSTRAP_SEED);
  const resample = new Float64Array(data.length);
  const resampled = Float64Array.from({ length: RESAMPLES }, () => {
    for (let i = 0; i < resample.length; i += 1)
      resample[i] = data[randomInteger(next, data.length)]!;
    return medianOfSorted(resample.sort());
  });
  const jackknife = Array.from(data, (_, left) =>
    medianOfSorted(data.filter((__, index) => index !== left)),
  );
  return { estimate: median(values), resampled: resampled.sort(), jackknife };
}

/**
 * The level at which Student's quantile equals the normal one of 95 %: undoes the wider quantiles.
 */
const normalLevel = (count: number): number => 1 - 2 * studentCdf(-1.959963984540054, count - 1);

console.log(
  `| distribution | blocks | BCa, median | BCa, pseudo-median | the same with Student's ` +
    `quantiles | signed ranks |\n|---|---|---|---|---|---|`,
);
for (const [name, draw] of Object.entries(DISTRIBUTIONS)) {
  const many = random(1);
  const centre = (estimate: (values: number[]) => number, size: number, repeats: number): number =>
    Array.from({ length: repeats }, () =>
      estimate(Array.from({ length: size }, () => draw(many))),
    ).reduce((sum, value) => sum + value / repeats, 0);
  const symmetric = name === 'normal' || name === 'disturbed';
  const trueMedian = symmetric ? 0 : centre(median, 1001, 2000);
  const truePseudo = symmetric ? 0 : centre(pseudoMedian, 301, 50);
  for (const count of [10, 12, 20, 30]) {
    const next = random(2, count);
    const hits = [0, 0, 0, 0];
    const note = (place: number, { low, high }: Interval, target: number): void => {
      if (low <= target && target <= high) hits[place]! += 1;
    };
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const values = Array.from({ length: count }, () => draw(next));
      const pseudo = bootstrapPseudoMedian(values);
      note(0, bcaInterval(bootstrapMedian(values), normalLevel(count)), trueMedian);
      note(1, bcaInterval(pseudo, normalLevel(count)), truePseudo);
      note(2, bcaInterval(pseudo), truePseudo);
      note(3, signedRankInterval(values), truePseudo);
    }
    console.log(
      `| ${name} | ${count} | ${hits.map((hit) => `${((100 * hit) / TRIALS).toFixed(1)} %`).join(' | ')} |`,
    );
  }
}
