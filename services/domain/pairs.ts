// SPDX-License-Identifier: GPL-2.0-or-later
import type { Sample, SampleSize } from '#contract/sample.js';
import type { Side } from '#contract/side.js';
import { WARM_UP_BLOCK } from './schedule.js';

/** One variant with one workload. */
export interface Cell {
  readonly side: Side;
  readonly variant: string;
  /** Label of the workload. */
  readonly workload: string;
}

/** Two runs that are compared with each other. */
export interface Pair {
  readonly block: number;
  readonly candidate: Sample;
  readonly reference: Sample;
}

/** A metric of a sample; null where it has no value. */
export type ValueOf = (sample: Sample) => number | null;

/** The measured samples of a job, by cell. */
export class RunIndex {
  readonly #runs = new Map<string, Sample[]>();
  readonly samples: readonly Sample[];

  /** @param samples In any order; timed samples of the warm-up block are left out. */
  constructor(samples: readonly Sample[]) {
    this.samples = samples
      .filter(({ kind, block }) => kind === 'instructions' || block > WARM_UP_BLOCK)
      .sort((a, b) => a.block - b.block || a.position - b.position);
    for (const sample of this.samples) {
      const key = keyOf(sample, sample.size);
      const runs = this.#runs.get(key);
      if (runs === undefined) this.#runs.set(key, [sample]);
      else runs.push(sample);
    }
  }

  /** Returns the runs of a cell, in the order of measuring. */
  runs(cell: Cell, size: SampleSize = 'full'): readonly Sample[] {
    return this.#runs.get(keyOf(cell, size)) ?? [];
  }

  /**
   * Returns the runs of two cells in pairs, block by block. A candidate is paired with the
   * reference of its own group, which ran next to it, else with a reference of its block.
   */
  pairs(candidate: Cell, reference: Cell, size: SampleSize = 'full'): Pair[] {
    const beside = new Map<string, Sample>();
    for (const run of this.runs(reference, size)) {
      beside.set(`${run.block} ${run.group}`, run);
      beside.set(String(run.block), run);
    }
    const pairs = new Map<number, Pair>();
    for (const run of this.runs(candidate, size)) {
      const other = beside.get(`${run.block} ${run.group}`) ?? beside.get(String(run.block));
      if (other !== undefined)
        pairs.set(run.block, { block: run.block, candidate: run, reference: other });
    }
    return [...pairs.values()];
  }
}

/**
 * Returns log(candidate / reference) per block.
 *
 * @returns Blocks in which both have a value; null without such a block, or if a value is not
 *   positive.
 */
export function logRatiosOf(pairs: readonly Pair[], valueOf: ValueOf): Map<number, number> | null {
  const ratios = new Map<number, number>();
  for (const { block, candidate, reference } of pairs) {
    const [value, other] = [valueOf(candidate), valueOf(reference)];
    if (value === null || other === null) continue;
    if (value <= 0 || other <= 0) return null;
    ratios.set(block, Math.log(value / other));
  }
  return ratios.size === 0 ? null : ratios;
}

/**
 * Returns the change of an overhead from base to head, per block: log(variantʰ / variantᵇ) -
 * log(baselineʰ / baselineᵇ), the log ratio of both overheads. It is 0 if head is slower as a whole
 * and the instrumentation costs the same.
 */
export function changesOf(
  variant: ReadonlyMap<number, number> | null,
  baseline: ReadonlyMap<number, number> | null,
): Map<number, number> | null {
  if (variant === null || baseline === null) return null;
  const changes = new Map<number, number>();
  for (const [block, ratio] of variant) {
    const other = baseline.get(block);
    if (other !== undefined) changes.set(block, ratio - other);
  }
  return changes.size === 0 ? null : changes;
}

function keyOf({ side, variant, workload }: Cell, size: SampleSize): string {
  return `${size}\n${side}\n${variant}\n${workload}`;
}
