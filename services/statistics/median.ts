// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Returns the middle value; with an even count the mean of the two middle values.
 *
 * @param values at least one finite number, any order, any unit; not changed
 * @returns the median, in the unit of the values
 * @throws {RangeError} Values are missing, or one is not finite.
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of no values is not defined');
  if (!values.every(Number.isFinite)) throw new RangeError('the median needs finite values');
  return medianOfSorted(Float64Array.from(values).sort());
}

/** Returns the median of values that are known to be finite and ascending. */
export function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
