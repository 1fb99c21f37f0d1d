// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Returns log(candidateᵢ / baselineᵢ) per block i: 0 if both took the same time. The sign changes
 * if the two are exchanged.
 *
 * @param candidate one positive number per block, any unit
 * @param baseline the same blocks in the same order, in the same unit
 * @returns one number per block, no unit
 * @throws {RangeError} The lengths differ or a value is not positive and finite.
 */
export function logRatios(candidate: readonly number[], baseline: readonly number[]): number[] {
  if (candidate.length !== baseline.length) {
    throw new RangeError(
      `blocks do not pair up: ${candidate.length} of the candidate, ${baseline.length} of the baseline`,
    );
  }
  if (![...candidate, ...baseline].every((value) => Number.isFinite(value) && value > 0)) {
    throw new RangeError('a ratio needs positive, finite values');
  }
  return candidate.map((value, block) => Math.log(value / baseline[block]!));
}
