// SPDX-License-Identifier: GPL-2.0-or-later
/** Distance from the target, in steps, at which jumping stops. */
const NEAR_STEPS = 1;
/**
 * Largest number of jumps; with clustered values jumps miss the target, and the walk does the rest.
 */
const JUMPS = 4;

/**
 * Sorts the Walsh averages (xᵢ + xⱼ)/2, i ≤ j, of n values once and finds their median for any
 * multiset of the values.
 *
 * If value k occurs c_k times, the average of i and j has weight cᵢcⱼ, and the average of a value
 * with itself has weight cᵢ(cᵢ + 1)/2. Walking all n(n+1)/2 averages to the middle of the weights
 * takes O(n²). Here every n-th average stores, for each i, the number of j at or below it, so the
 * weight up to it is a sum over i. An average weighs about 1, so the missing weight tells how far
 * to jump. A final walk of about n averages ends at the same average as a walk from the first one
 * would. This takes O(n) a multiset.
 *
 * Source of the counting: Johnson and Mizoguchi, "Selecting the Kth Element in X + Y and X1 + X2 +
 * ... + Xm", SIAM J. Comput. 7(2), 1978.
 */
export class WalshAverages {
  /** Number of times that each of the sorted values occurs; set it, then call `middle`. */
  readonly occurrences: Int32Array;
  /** Number of values before each. */
  private readonly before: Int32Array;
  private readonly averages: Float64Array;
  private readonly first: Int32Array;
  private readonly second: Int32Array;
  /** Indices of about every n-th average, each the last of its ties. */
  private readonly stepPlaces: Int32Array;
  /** For each of them and each i: the first j whose average with i is larger. */
  private readonly stepEnds: readonly Int32Array[];

  /** @param values finite numbers, any order */
  constructor(values: readonly number[]) {
    const sorted = Float64Array.from(values).sort();
    const pairs: [average: number, first: number, second: number][] = [];
    for (let i = 0; i < sorted.length; i += 1) {
      for (let j = i; j < sorted.length; j += 1) pairs.push([(sorted[i]! + sorted[j]!) / 2, i, j]);
    }
    pairs.sort(([a], [b]) => a - b);
    this.averages = Float64Array.from(pairs, ([average]) => average);
    this.first = Int32Array.from(pairs, ([, first]) => first);
    this.second = Int32Array.from(pairs, ([, , second]) => second);
    this.occurrences = new Int32Array(sorted.length).fill(1);
    this.before = new Int32Array(sorted.length + 1);
    this.stepPlaces = Int32Array.from(
      { length: Math.floor(pairs.length / sorted.length) },
      (_, step) => lastOfTies(this.averages, step * sorted.length),
    );
    this.stepEnds = Array.from(this.stepPlaces, (place) => endsOf(sorted, this.averages[place]!));
  }

  /**
   * Returns the median of the multiset's averages; of an even number, the mean of the middle two.
   */
  middle(): number {
    const { averages, before, occurrences, stepPlaces } = this;
    const count = occurrences.length;
    for (let value = 0; value < count; value += 1)
      before[value + 1] = before[value]! + occurrences[value]!;
    const total = (before[count]! * (before[count]! + 1)) / 2;
    const lowerMiddle = (total - 1) >> 1;
    const upperMiddle = total >> 1;

    let step = stepPlaces.length >> 1;
    let passed = this.weightUpTo(step);
    for (
      let jump = 0;
      jump < JUMPS && Math.abs(lowerMiddle - passed) > NEAR_STEPS * count;
      jump += 1
    ) {
      step = Math.min(
        Math.max(step + Math.round((lowerMiddle - passed) / count), 0),
        stepPlaces.length - 1,
      );
      passed = this.weightUpTo(step);
    }
    let place = stepPlaces[step]!;
    while (passed > lowerMiddle) {
      passed -= this.weight(place);
      place -= 1;
    }
    while (passed <= lowerMiddle) {
      place += 1;
      passed += this.weight(place);
    }
    const lower = averages[place]!;
    while (passed <= upperMiddle) {
      place += 1;
      passed += this.weight(place);
    }
    return (lower + averages[place]!) / 2;
  }

  private weight(place: number): number {
    const i = this.first[place]!;
    const j = this.second[place]!;
    const times = this.occurrences[i]!;
    return i === j ? (times * (times + 1)) >> 1 : times * this.occurrences[j]!;
  }

  /** Returns the weight of all averages up to a step. */
  private weightUpTo(step: number): number {
    const { occurrences, before } = this;
    const ends = this.stepEnds[step]!;
    let weight = 0;
    for (let i = 0; i < ends.length; i += 1) {
      const times = occurrences[i]!;
      weight += times * (before[ends[i]!]! - before[i + 1]!) + ((times * (times + 1)) >> 1);
    }
    return weight;
  }
}

function lastOfTies(averages: Float64Array, place: number): number {
  let last = place;
  while (averages[last + 1] === averages[place]) last += 1;
  return last;
}

/**
 * Returns, for each i that has one, the end of the range of j ≥ i whose average with i is at most
 * `average`. It decreases as i grows.
 */
function endsOf(sorted: Float64Array, average: number): Int32Array {
  const ends: number[] = [];
  let end = sorted.length;
  for (let i = 0; i < end; i += 1) {
    while (end > i && (sorted[i]! + sorted[end - 1]!) / 2 > average) end -= 1;
    if (end > i) ends.push(end);
  }
  return Int32Array.from(ends);
}
