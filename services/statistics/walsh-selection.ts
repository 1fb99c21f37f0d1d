// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Selects Walsh averages (xᵢ + xⱼ)/2, i ≤ j, by rank without computing all of them.
 *
 * The number of averages at or below a bound is counted in one pass over the sorted values, since
 * the last j whose average is within the bound decreases as i grows. Bisection over the bit patterns
 * of the doubles finds the smallest bound that has enough averages; that bound is one of them. So a
 * selection takes at most 64 passes: O(n), after sorting in O(n log n), in O(n) memory.
 *
 * Source of the counting: Johnson and Mizoguchi, "Selecting the Kth Element in X + Y and X1 + X2 +
 * ... + Xm", SIAM J. Comput. 7(2), 1978.
 */
export class WalshSelection {
  readonly #sorted: Float64Array;
  /** Number of averages, n(n+1)/2. */
  readonly total: number;

  /** @param values n ≥ 1 finite numbers, any order */
  constructor(values: readonly number[]) {
    this.#sorted = Float64Array.from(values).sort();
    this.total = (values.length * (values.length + 1)) / 2;
  }

  /** Returns the median of the averages; of an even number, the mean of the middle two. */
  middle(): number {
    const upper = Math.floor(this.total / 2) + 1;
    const high = this.select(upper);
    if (this.total % 2 === 1) return high;
    return (this.select(upper - 1) + high) / 2;
  }

  /** @param rank 1 for the smallest average, `total` for the largest */
  select(rank: number): number {
    let low = keyOf(this.#sorted[0]!);
    let high = keyOf(this.#sorted[this.#sorted.length - 1]!);
    while (low < high) {
      const middle = (low + high) >> 1n;
      if (this.atMost(valueOf(middle)) >= rank) high = middle;
      else low = middle + 1n;
    }
    return valueOf(low) + 0; // 0 for -0
  }

  /** Returns the number of averages at or below a bound. */
  atMost(bound: number): number {
    const sorted = this.#sorted;
    let end = sorted.length;
    let count = 0;
    for (let i = 0; i < end; i += 1) {
      while (end > i && (sorted[i]! + sorted[end - 1]!) / 2 > bound) end -= 1;
      count += end - i;
    }
    return count;
  }

  /** Returns the number of averages at or above a bound. */
  atLeast(bound: number): number {
    const sorted = this.#sorted;
    let end = sorted.length;
    let below = 0;
    for (let i = 0; i < end; i += 1) {
      while (end > i && (sorted[i]! + sorted[end - 1]!) / 2 >= bound) end -= 1;
      below += end - i;
    }
    return this.total - below;
  }

  /**
   * Returns, for each value in ascending order, the share of all values (itself included) whose
   * average with it is at or below a bound.
   */
  sharesAtMost(bound: number): Float64Array {
    const sorted = this.#sorted;
    let end = sorted.length;
    return sorted.map((value) => {
      while (end > 0 && (value + sorted[end - 1]!) / 2 > bound) end -= 1;
      return end / sorted.length;
    });
  }
}

const SIGN = 1n << 63n;
const bits = new DataView(new ArrayBuffer(8));

/** Maps doubles to integers of the same order. */
function keyOf(value: number): bigint {
  bits.setFloat64(0, value);
  const pattern = bits.getBigUint64(0);
  return pattern < SIGN ? pattern : SIGN - 1n - pattern;
}

/** The inverse of `keyOf`. */
function valueOf(key: bigint): number {
  bits.setBigUint64(0, key >= 0n ? key : SIGN - 1n - key);
  return bits.getFloat64(0);
}
