// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { median } from '#statistics/median.js';
import { randomInteger, type Random } from '#statistics/random.js';

const read = <T>(file: string): T =>
  JSON.parse(readFileSync(`test/fixtures/noise/${file}`, 'utf8')) as T;

/** Sequences of consecutive runs, in µs. */
export const RUNS = read<Record<'pinned' | 'free' | 'containers', number[][]>>('runs.json');
/** Runs of 12 links of the same objects, one row per block, in µs. */
export const LINKS = read<number[][]>('links.json');
/** Runs of five sizes, in µs: one list per size, in block order. */
export const SIZES = read<{ events: number[]; none: number[][]; dynamic: number[][] }>(
  'sizes.json',
);

/** Treatment of a sequence of runs: the time between recorded runs, and between resampled runs. */
export interface Pace {
  readonly recordedSeconds: number;
  readonly simulatedSeconds: number;
}
/** Runs of 75 ms with 30 ms around them, taken from runs 80 ms apart. */
export const THIRTY_MS_AROUND: Pace = { recordedSeconds: 0.08, simulatedSeconds: 0.105 };
export const AS_RECORDED: Pace = { recordedSeconds: 1, simulatedSeconds: 1 };

/** Number of consecutive runs resampled together, 28 s, to keep slow changes. */
const SEGMENT = 350;

/**
 * Returns log ratios of pairs of equal builds: adjacent runs of real noise, resampled in segments,
 * each pair ordered by a fair coin.
 */
export function pairsOfNoise(
  stretches: readonly number[][],
  pairs: number,
  next: Random,
  { recordedSeconds, simulatedSeconds }: Pace = THIRTY_MS_AROUND,
): number[] {
  const centred = stretches.map(logDeviations);
  const place = (run: number): number =>
    Math.floor((run * simulatedSeconds) / recordedSeconds + 1e-9);
  const starts: number[] = [];
  const run = (index: number): number => {
    const segment = Math.floor(index / SEGMENT);
    starts[segment] ??= randomInteger(next, centred.length * (centred[0]!.length - SEGMENT + 1));
    const stretch = centred[starts[segment] % centred.length]!;
    return stretch[Math.floor(starts[segment] / centred.length) + (index % SEGMENT)]!;
  };
  return Array.from({ length: pairs }, (_, pair) => {
    const difference = run(place(2 * pair + 1)) - run(place(2 * pair));
    return next() < 0.5 ? difference : -difference;
  });
}

const deviations = new Map<readonly number[], number[]>();

function logDeviations(stretch: readonly number[]): number[] {
  let result = deviations.get(stretch);
  if (result === undefined) {
    const logs = stretch.map(Math.log);
    const centre = median(logs);
    deviations.set(stretch, (result = logs.map((value) => value - centre)));
  }
  return result;
}
