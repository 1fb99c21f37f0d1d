import { logRatios } from './log-ratios.js';
import { estimateRatio, type RatioEstimate } from './ratio-estimate.js';

/** The four runs of every block: one positive number per block each, blocks in the same order, all in one unit. */
export interface OverheadBlocks {
  readonly variantHead: readonly number[];
  readonly noneHead: readonly number[];
  readonly variantBase: readonly number[];
  readonly noneBase: readonly number[];
}

/**
 * How an overhead changed from base to head: the ratio of ratios (variantʰ/noneʰ) / (variantᵇ/noneᵇ).
 *
 * Per block, log(variantʰ/noneʰ) - log(variantᵇ/noneᵇ); then as every ratio. It is 1 where head made QEMU slower as a
 * whole and left the overhead as it was, which a comparison of variant with variant would call a regression. Its
 * noise is that of two ratios, √2 times one ratio's if they are alike; the minimum detectable effect says so.
 *
 * @returns above 1: the overhead grew
 * @throws RangeError if the lengths differ, are 0, or a value is not positive and finite
 */
export function overheadChange({
  variantHead,
  noneHead,
  variantBase,
  noneBase,
}: OverheadBlocks): RatioEstimate {
  const head = logRatios(variantHead, noneHead);
  const base = logRatios(variantBase, noneBase);
  if (head.length !== base.length)
    throw new RangeError(`blocks do not pair up: ${head.length} of head, ${base.length} of base`);
  return estimateRatio(head.map((value, block) => value - base[block]!));
}
