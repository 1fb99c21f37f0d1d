import type { Build } from '../contract/build.js';
import type { JobComparison, RatioInterval } from '../contract/comparison.js';
import type { PlannedWorkload } from '../contract/job.js';
import { shownVariant } from '../contract/side.js';

/** One ratio, as it was and as it came out again. */
export interface ReproducedRatio {
  readonly what: 'overhead' | 'head/base' | 'change of overhead';
  readonly workload: string;
  readonly variant: string;
  readonly first: RatioInterval;
  /** Null if the second run has no such ratio. */
  readonly second: RatioInterval | null;
  /** Whether the two intervals have a ratio in common. */
  readonly overlap: boolean;
}

export interface ReproducedBuild {
  readonly variant: string;
  /** Everything that goes into the build is the same. */
  readonly sameKey: boolean;
  /** What came out is the same, bit by bit. */
  readonly sameBinary: boolean;
}

export interface Reproduction {
  readonly ratios: readonly ReproducedRatio[];
  readonly builds: readonly ReproducedBuild[];
  readonly sameHost: boolean;
  /** There are ratios, and all of them overlap. */
  readonly reproduced: boolean;
}

export interface Outcome {
  readonly workloads: readonly PlannedWorkload[];
  readonly builds: readonly Build[];
  readonly comparison: JobComparison;
}

/** Compare what came of a job with what came of it before. */
export function compareOutcomes(first: Outcome, second: Outcome): Reproduction {
  const labels = new Map(first.workloads.map(({ label }, index) => [label, second.workloads[index]?.label]));
  const again = new Map(ratiosOf(second.comparison).map((ratio) => [keyOf(ratio), ratio.interval]));
  const ratios = ratiosOf(first.comparison).map(({ what, workload, variant, interval }) => {
    const other = again.get(keyOf({ what, workload: labels.get(workload) ?? '', variant })) ?? null;
    return { what, workload, variant, first: interval, second: other, overlap: other !== null && other.low <= interval.high && interval.low <= other.high };
  });
  const builds = first.builds.map((build) => {
    const other = second.builds.find(({ side, variant }) => side === build.side && variant === build.variant);
    return { variant: shownVariant({ name: build.variant, side: build.side }), sameKey: other?.key === build.key, sameBinary: other?.binaryDigest === build.binaryDigest };
  });
  const hosts = ({ comparison }: { comparison: JobComparison }) => comparison.hostFingerprints.join();
  return { ratios, builds, sameHost: hosts(first) === hosts(second), reproduced: ratios.length > 0 && ratios.every(({ overlap }) => overlap) };
}

type Ratio = Pick<ReproducedRatio, 'what' | 'workload' | 'variant'> & { readonly interval: RatioInterval };

function ratiosOf({ rows, sides, changes }: JobComparison): Ratio[] {
  const named = (what: ReproducedRatio['what']) => ({ workload, variant, ratio }: { workload: string; variant: string; ratio: RatioInterval }) => ({ what, workload, variant, interval: ratio });
  const overheads = rows.flatMap(({ workload, variant, side, ratio }) => (ratio === null ? [] : [{ workload, variant: shownVariant({ name: variant, side }), ratio }]));
  return [...overheads.map(named('overhead')), ...sides.map(named('head/base')), ...changes.map(named('change of overhead'))];
}

function keyOf({ what, workload, variant }: Pick<ReproducedRatio, 'what' | 'workload' | 'variant'>): string {
  return `${what}\n${workload}\n${variant}`;
}
