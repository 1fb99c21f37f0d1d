import { quartiles, type Point } from './points.js';

/** How the values of one variant are spread around their own median: variants that are far apart stay comparable in that. */
export interface Spread {
  readonly variant: string;
  /** In the unit of the values. */
  readonly median: number;
  /** Of the values and of their quartiles, the difference from the median as a share of it; empty where the median is not positive. */
  readonly shares: readonly number[];
  readonly box: { readonly lower: number; readonly upper: number };
}

/** At least so much to either side, as a share. */
const LEAST = 0.005;
/** So many interquartile ranges beyond the quartiles a value is far out (Tukey). */
const FAR_OUT = 3;

export function spreadOf(variant: string, points: readonly Point[]): Spread | null {
  const values = points.map(({ y }) => y);
  const box = quartiles(values);
  if (box === null) return null;
  const { median } = box;
  if (!(median > 0)) return { variant, median, shares: [], box: { lower: 0, upper: 0 } };
  return {
    variant,
    median,
    shares: values.map((value) => value / median - 1),
    box: { lower: box.lower / median - 1, upper: box.upper / median - 1 },
  };
}

/** An axis on which every spread can be seen: a value that is far out does not press the others together, it stands at the edge. */
export function spreadRange(spreads: readonly Spread[]): [low: number, high: number] {
  let [low, high] = [-LEAST, LEAST];
  for (const {
    shares,
    box: { lower, upper },
  } of spreads) {
    const reach = FAR_OUT * (upper - lower);
    for (const share of shares) {
      if (share < lower - reach || share > upper + reach) continue;
      low = Math.min(low, share);
      high = Math.max(high, share);
    }
  }
  const room = (high - low) * 0.06;
  return [low - room, high + room];
}
