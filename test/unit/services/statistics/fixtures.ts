// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';

const folder = 'test/fixtures/statistics';

/** Values written by reference.py. */
export interface ScipyReference {
  readonly samples: Record<
    string,
    {
      pseudoMedian: number;
      signedRankP: number;
      bca: [number, number] | null;
    }
  >;
  readonly student: readonly [t: number, degrees: number, cdf: number][];
  readonly noncentral: readonly [t: number, degrees: number, delta: number, cdf: number][];
  readonly beta: readonly [x: number, a: number, b: number, value: number][];
  readonly detectable: readonly [sd: number, count: number, effect: number][];
  readonly clopperPearson: readonly [events: number, trials: number, low: number, high: number][];
  readonly splits: readonly {
    values: number[];
    minLength: number;
    index: number | null;
    statistic: number;
  }[];
}

export const SCIPY = JSON.parse(readFileSync(`${folder}/scipy.json`, 'utf8')) as ScipyReference;

/** Parses lines of a name and numbers. */
const lines = (file: string): Map<string, number[]> =>
  new Map(
    readFileSync(`${folder}/${file}`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const [name, ...values] = line.split(' ');
        return [name!, values.map(Number)];
      }),
  );

/** The samples of both references. */
export const SAMPLES = lines('samples.txt');
/** Values written by reference.R. */
export const R = lines('r.txt');
