import { logRatios } from '../statistics/log-ratios.js';
import { overheadChange, type OverheadBlocks } from '../statistics/overhead-change.js';
import { estimateRatio, type RatioEstimate } from '../statistics/ratio-estimate.js';

/** A metric of one variant with one workload, by block; blocks without a value have no entry. */
export type BlockValues = ReadonlyMap<number, number>;

/** From the blocks in which both have a value; null without any, or where a value has no logarithm, as no system time at all. */
export function ratioOf(candidate: BlockValues, reference: BlockValues): RatioEstimate | null {
  const paired = inCommon([candidate, reference]);
  return paired === null ? null : estimateRatio(logRatios(paired[0]!, paired[1]!));
}

/** As `ratioOf`, of the change of an overhead. */
export function changeOf(four: Record<keyof OverheadBlocks, BlockValues>): RatioEstimate | null {
  const paired = inCommon([four.variantHead, four.noneHead, four.variantBase, four.noneBase]);
  if (paired === null) return null;
  const [variantHead, noneHead, variantBase, noneBase] = paired as [
    number[],
    number[],
    number[],
    number[],
  ];
  return overheadChange({ variantHead, noneHead, variantBase, noneBase });
}

function inCommon(all: readonly BlockValues[]): number[][] | null {
  const blocks = [...all[0]!.keys()].filter((block) => all.every((values) => values.has(block)));
  const paired = all.map((values) => blocks.map((block) => values.get(block)!));
  return blocks.length === 0 || paired.flat().some((value) => value <= 0) ? null : paired;
}
