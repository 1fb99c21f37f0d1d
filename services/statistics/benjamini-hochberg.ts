// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Adjusts p values for multiple comparisons by Benjamini and Hochberg's method.
 *
 * With p₍₁₎ ≤ … ≤ p₍ₘ₎ the adjusted value of p₍ᵢ₎ is min over j ≥ i of p₍ⱼ₎ m / j, at most 1. If
 * every adjusted value ≤ q is reported as a difference, the expected share of false ones among the
 * reported differences is at most q, for independent or positively dependent tests.
 *
 * Source: Benjamini and Hochberg, "Controlling the False Discovery Rate", J. R. Stat. Soc. B 57(1),
 * 1995.
 *
 * @param pValues m ≥ 0 numbers in [0, 1]: all tests, not only the striking ones
 * @returns adjusted values, in the order of the input
 * @throws {RangeError} A value is not in [0, 1].
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const outside = pValues.find((value) => !(value >= 0 && value <= 1));
  if (outside !== undefined) throw new RangeError(`expected a p value in [0, 1], not ${outside}`);
  const descending = [...pValues.keys()].sort((a, b) => pValues[b]! - pValues[a]!);
  const adjusted = new Array<number>(pValues.length);
  let smallest = 1;
  for (const [place, index] of descending.entries()) {
    const rank = pValues.length - place;
    smallest = Math.min(smallest, (pValues[index]! * pValues.length) / rank);
    adjusted[index] = smallest;
  }
  return adjusted;
}
