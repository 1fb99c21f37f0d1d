import { signEstimate, type SignEstimate } from './sign-sequence.js';

/** What a variant took longer than `none` in adjacent runs of one size of a workload, block by block. */
export interface SizeDifferences {
  /** Events of a run of this size. */
  readonly events: number;
  /** wall(variant) - wall(none) per block, in ns; null where a run of the block failed. */
  readonly differencesNs: readonly (number | null)[];
}

/** What instrumentation costs once per run and once per event. */
export interface EventCost {
  /** ns per event; null while no interval exists. */
  readonly perEventNs: SignEstimate | null;
  /** ns per run, apart from the events; null while no interval exists. */
  readonly fixedNs: SignEstimate | null;
}

/**
 * Cost per event and fixed cost, apart, from an empty and a full size that ran in the same blocks.
 *
 * Per block b, with D the difference to `none`:
 *
 *     slope_b = (D_b(full) - D_b(empty)) / (events(full) - events(empty))
 *     fixed_b = D_b(empty) - slope_b · events(empty)
 *
 * each by its median and `signInterval`. D / events of one size would hold the start as well, and fall as the size
 * grows. A block with a null is left out.
 *
 * @throws RangeError if the sizes have the same events or another number of blocks
 */
export function eventCost(empty: SizeDifferences, full: SizeDifferences): EventCost {
  if (empty.events === full.events) throw new RangeError('two sizes have different events');
  const lines = completeBlocks(empty, full).map(([atEmpty, atFull]) => {
    const slopeNs = (atFull! - atEmpty!) / (full.events - empty.events);
    return { slopeNs, fixedNs: atEmpty! - slopeNs * empty.events };
  });
  return {
    perEventNs: signEstimate(lines.map(({ slopeNs }) => slopeNs)),
    fixedNs: signEstimate(lines.map(({ fixedNs }) => fixedNs)),
  };
}

/**
 * How far the difference at a middle size lies above the line through the empty and the full size, in ns.
 *
 * The cost is not linear in events where the interval leaves out 0.
 *
 * @returns null while no interval exists
 * @throws RangeError if the outer sizes have the same events, or sizes another number of blocks
 */
export function deviationFromLine(
  empty: SizeDifferences,
  middle: SizeDifferences,
  full: SizeDifferences,
): SignEstimate | null {
  if (empty.events === full.events) throw new RangeError('two sizes have different events');
  const share = (middle.events - empty.events) / (full.events - empty.events);
  return signEstimate(
    completeBlocks(empty, middle, full).map(
      ([atEmpty, atMiddle, atFull]) => atMiddle! - atEmpty! - share * (atFull! - atEmpty!),
    ),
  );
}

/** The differences of all sizes, one row per block that has them all. */
function completeBlocks(...sizes: readonly SizeDifferences[]): number[][] {
  const blocks = sizes[0]!.differencesNs.length;
  if (sizes.some(({ differencesNs }) => differencesNs.length !== blocks))
    throw new RangeError('all sizes run in the same blocks');
  return Array.from({ length: blocks }, (_, block) =>
    sizes.map(({ differencesNs }) => differencesNs[block]!),
  ).filter((row) => row.every((difference) => difference !== null));
}
