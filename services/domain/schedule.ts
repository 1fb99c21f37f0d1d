// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan, PlannedWorkload } from '#contract/job.js';
import type { SampleSize } from '#contract/sample.js';
import type { Side } from '#contract/side.js';
import { recordsByBackend, type Variant } from '#contract/variant.js';
import { random, randomInteger, shuffled, type Random } from '#statistics/random.js';
import { baselineOf } from './baseline.js';
import { filled, valuesOf } from './placeholders.js';
import { vcpusOf } from './vcpus.js';

/** One run of a block. */
export interface ScheduledRun {
  /** Name of the variant. */
  readonly variant: string;
  readonly side: Side;
  /** Label of the workload. */
  readonly workload: string;
  readonly size: SampleSize;
  /** Place within the block, from 0. */
  readonly position: number;
  /** Runs of a block with the same number follow each other and are compared. */
  readonly group: number;
  /** 0-based number of the build's link that runs. */
  readonly link: number;
  /** In [0, 1): selects the measuring CPU of the whole group. Null: runs on all of them. */
  readonly cpuDraw: number | null;
  /** Random padding of the environment, which moves the stack. */
  readonly environmentBytes: number;
  /** Random soft limit of the stack, which moves the mappings of a user-mode guest. */
  readonly stackBytes: number;
}

/**
 * A comparison of a job: a variant of head with base (`variant`), a variant with its baseline
 * (`overhead`), or head's overhead with base's (`change`).
 */
export interface ComparisonName {
  readonly about: 'variant' | 'overhead' | 'change';
  readonly variant: string;
  /** Label of the workload. */
  readonly workload: string;
}

/** The block that is run first and never compared. */
export const WARM_UP_BLOCK = 0;
/** Every fourth block has runs of the middle size, which only test whether cost is linear. */
const MIDDLE_EVERY = 4;
const ENVIRONMENT_BYTES = 4_096;
const PAGE_BYTES = 4_096;
const STACK_LEAST_BYTES = 8 * 1024 ** 2;
const STACK_PAGES = 1_024;

const WORKLOAD_STREAM = 1;
const GROUP_STREAM = 2;
const PLACE_STREAM = 3;
const LINK_STREAM = 4;

/**
 * Returns the comparisons that a job measures, workload by workload: head against base and changes
 * of overhead if it has a base, else overheads.
 */
export function comparisonsOf(plan: JobPlan): ComparisonName[] {
  const names = headNames(plan);
  const baseline = baselineOf(plan).name;
  const others = names.filter((name) => name !== baseline);
  const named = (about: ComparisonName['about'], variants: readonly string[], workload: string) =>
    variants.map((variant) => ({ about, variant, workload }));
  return plan.workloads.flatMap(({ label }) =>
    hasBase(plan)
      ? [...named('variant', names, label), ...named('change', others, label)]
      : named('overhead', others, label),
  );
}

/**
 * Returns the runs of one block, in order. Equal plans give equal runs.
 *
 * With a base, every variant has a pair: head and base next to each other, in an order drawn by a
 * fair coin. The verdict on head against base assumes nothing but this coin. Without a base, two
 * variants share a run of the baseline, and the three runs follow each other in random order.
 * Workloads come in random order.
 *
 * Without a base, a scalable workload also runs at its empty size and, in every fourth block, at a
 * middle size. All runs of a workload in a block use one CPU, drawn per block, if the guest has one
 * virtual CPU and no variant uses all CPUs. Every run has a random stack
 * position. Blocks use the links of a build in turn.
 *
 * @param block 0 (warm-up) or a measured block, from 1.
 * @param isOpen Returns whether a comparison still needs runs.
 * @throws {RangeError} The block is not an integer from 0.
 */
export function scheduleBlock(
  plan: JobPlan,
  block: number,
  isOpen: (comparison: ComparisonName) => boolean = () => true,
): ScheduledRun[] {
  if (!Number.isInteger(block) || block < 0)
    throw new RangeError(`a block is an integer from 0, not ${block}`);
  const workloads = shuffled([...plan.workloads.keys()], random(plan.seed, WORKLOAD_STREAM, block));
  const place = random(plan.seed, PLACE_STREAM, block);
  const links = linksOf(plan, block);
  const runs: ScheduledRun[] = [];
  let group = 0;
  for (const index of workloads) {
    const workload = plan.workloads[index]!;
    const next = random(plan.seed, GROUP_STREAM, block, index);
    const cpuDraw = next();
    for (const size of sizesOf(plan, workload, block)) {
      for (const members of groupsOf(plan, workload, isOpen, next)) {
        const together =
          workload.vcpus === 1 && !members.some((member) => usesAllCpus(member, workload));
        for (const { name, side } of members) {
          runs.push({
            variant: name,
            side,
            workload: workload.label,
            size,
            position: runs.length,
            group,
            link: links[side],
            cpuDraw: together ? cpuDraw : null,
            environmentBytes: randomInteger(place, ENVIRONMENT_BYTES),
            stackBytes: STACK_LEAST_BYTES + PAGE_BYTES * randomInteger(place, STACK_PAGES),
          });
        }
        group += 1;
      }
    }
  }
  return runs;
}

/** Returns the links per build. Both sides of an A/A job run different links of one build. */
export function linksPerBuild(plan: Pick<JobPlan, 'links' | 'sides'>): number {
  return plan.sides?.same === true ? 2 * plan.links : plan.links;
}

/** Returns the size halfway between empty and full, for the test of linearity. */
export function middleSize(empty: number, full: number): number {
  return Math.round((empty + full) / 2);
}

export function hasBase(plan: Pick<JobPlan, 'variants'>): boolean {
  return plan.variants.some(({ side }) => side === 'base');
}

function headNames(plan: JobPlan): string[] {
  return plan.variants.filter(({ side }) => side === 'head').map(({ name }) => name);
}

/**
 * Returns the link that each side runs in a block. In an A/A job, the seed deals the links of the one
 * build to the sides: a run sees the number of its link, which must not tell its side.
 */
function linksOf(plan: JobPlan, block: number): Readonly<Record<Side, number>> {
  const turn = Math.max(0, block - 1) % plan.links;
  if (plan.sides?.same !== true) return { head: turn, base: turn };
  const dealt = shuffled([...Array(linksPerBuild(plan)).keys()], random(plan.seed, LINK_STREAM));
  return { head: dealt[turn]!, base: dealt[plan.links + turn]! };
}

function sizesOf(plan: JobPlan, { size }: PlannedWorkload, block: number): SampleSize[] {
  if (size === null || hasBase(plan)) return ['full'];
  return block % MIDDLE_EVERY === 0 ? ['empty', 'middle', 'full'] : ['empty', 'full'];
}

/** Returns whether a variant has a thread that writes traces, or more than one virtual CPU. */
function usesAllCpus(variant: Variant, workload: PlannedWorkload): boolean {
  const { trace, qemu } = variant;
  const values = valuesOf({ variant, workload });
  const words = (qemu?.arguments ?? []).map((word) => filled(word, values));
  return recordsByBackend(variant) || trace || (vcpusOf(words) ?? 1) > 1;
}

/** Returns the groups of variants that run next to each other at one size of a workload. */
function groupsOf(
  plan: JobPlan,
  planned: PlannedWorkload,
  isOpen: (comparison: ComparisonName) => boolean,
  next: Random,
): Variant[][] {
  const { label: workload } = planned;
  const baseline = baselineOf(plan).name;
  const find = (side: Side, name: string) =>
    plan.variants.find((variant) => variant.side === side && variant.name === name)!;
  const names = shuffled(headNames(plan), next);
  if (hasBase(plan)) {
    const anyChange = names.some(
      (variant) => variant !== baseline && isOpen({ about: 'change', variant, workload }),
    );
    return names
      .filter(
        (variant) =>
          isOpen({ about: 'variant', variant, workload }) ||
          (variant === baseline ? anyChange : isOpen({ about: 'change', variant, workload })),
      )
      .map((name) => shuffled([find('head', name), find('base', name)], next));
  }
  if (names.length === 1) return [[find('head', baseline)]];
  const open = names
    .filter((name) => name !== baseline && isOpen({ about: 'overhead', variant: name, workload }))
    .map((name) => find('head', name));
  const reference = find('head', baseline);
  // Variants that use all CPUs have separate groups.
  return [false, true].flatMap((allCpus) =>
    inPairs(open.filter((variant) => usesAllCpus(variant, planned) === allCpus)).map(([a, b]) =>
      shuffled(b === undefined ? [a, reference] : [a, reference, b], next),
    ),
  );
}

function inPairs<T>(values: readonly T[]): [T, T?][] {
  const pairs: [T, T?][] = [];
  for (let index = 0; index < values.length; index += 2)
    pairs.push([values[index]!, values[index + 1]]);
  return pairs;
}
