// SPDX-License-Identifier: GPL-2.0-or-later
const { floor, imul } = Math;

/**
 * A small seeded pseudo-random generator: sfc32 (Chris Doty-Humphrey, PractRand), with its state
 * initialised by splitmix32. It is suitable for shuffles and resampling, never for secrets. Equal
 * seeds give equal numbers on every machine.
 */
export interface Random {
  /** Returns the next number in [0, 1), with 32 bits. */
  (): number;
}

/**
 * Returns a generator for the stream that one or more integers identify.
 *
 * `random(seed, group)` and `random(seed, group + 1)` are unrelated streams.
 *
 * @param seeds safe integers; all their bits are used
 * @throws {RangeError} A seed is not a safe integer.
 */
export function random(...seeds: readonly number[]): Random {
  let hash = 0x9e3779b9 | 0;
  const absorb = (word: number): void => {
    hash = imul(hash ^ word, 0x85ebca6b);
    hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash = ((hash ^ (hash >>> 16)) + 0x9e3779b9) | 0;
  };
  for (const seed of seeds) {
    if (!Number.isSafeInteger(seed))
      throw new RangeError(`a seed must be a safe integer, not ${seed}`);
    absorb(seed | 0);
    absorb(floor(seed / 2 ** 32) | 0);
  }

  const splitmix32 = (): number => {
    hash = (hash + 0x9e3779b9) | 0;
    let mixed = imul(hash ^ (hash >>> 16), 0x21f0aaad);
    mixed = imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  let a = splitmix32();
  let b = splitmix32();
  let c = splitmix32();
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let warmUp = 0; warmUp < 12; warmUp += 1) next();
  return next;
}

/** Returns an integer in [0, bound), for a bound far below 2^32. */
export function randomInteger(next: Random, bound: number): number {
  return floor(next() * bound);
}

/**
 * Returns the values in random order, every order equally likely (Fisher and Yates, Durstenfeld's
 * form). Does not change the input.
 */
export function shuffled<T>(values: readonly T[], next: Random): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const pick = randomInteger(next, last + 1);
    [result[last], result[pick]] = [result[pick]!, result[last]!];
  }
  return result;
}
