// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { ChangeRow, JobComparison, RatioInterval } from '#contract/comparison.js';
import type { PlannedWorkload } from '#contract/job.js';
import { shownVariant } from '#contract/side.js';

/** One ratio, of the first run and of the second. */
interface ReproducedRatio {
  readonly what: 'overhead' | 'head/base' | 'change of overhead';
  readonly workload: string;
  readonly variant: string;
  readonly first: RatioInterval;
  /** Null if the second run has no such ratio. */
  readonly second: RatioInterval | null;
  /** Minimum detectable effect of both runs, as a ratio, at 80 % power; null if one is unknown. */
  readonly minimumDetectableRatio: number | null;
  /** Whether the two intervals have a ratio in common. */
  readonly overlap: boolean;
}

interface ReproducedBuild {
  readonly variant: string;
  /** Whether all inputs of the build are the same. */
  readonly sameKey: boolean;
  /** Whether the binaries are the same, byte by byte. */
  readonly sameBinary: boolean;
}

export interface Reproduction {
  readonly ratios: readonly ReproducedRatio[];
  readonly builds: readonly ReproducedBuild[];
  readonly sameHost: boolean;
  /** Whether ratios exist and all of them overlap. */
  readonly reproduced: boolean;
}

export interface Outcome {
  readonly workloads: readonly PlannedWorkload[];
  readonly builds: readonly Build[];
  readonly comparison: JobComparison;
}

/** Compares the results of a reproduced job with the original ones. */
export function compareOutcomes(first: Outcome, second: Outcome): Reproduction {
  const labels = new Map(
    first.workloads.map(({ label }, index) => [label, second.workloads[index]?.label]),
  );
  const again = new Map(ratiosOf(second.comparison).map((ratio) => [keyOf(ratio), ratio]));
  const ratios = ratiosOf(first.comparison).map(
    ({ what, workload, variant, interval, minimumDetectableRatio }) => {
      const repeated = again.get(keyOf({ what, workload: labels.get(workload) ?? '', variant }));
      const other = repeated?.interval ?? null;
      const found = [minimumDetectableRatio, repeated?.minimumDetectableRatio ?? null];
      return {
        what,
        workload,
        variant,
        first: interval,
        second: other,
        minimumDetectableRatio: found.includes(null)
          ? null
          : Math.max(...found.map((ratio) => ratio!)),
        overlap: other !== null && other.low <= interval.high && interval.low <= other.high,
      };
    },
  );
  const builds = first.builds.map((build) => {
    const other = second.builds.find(
      ({ side, variant }) => side === build.side && variant === build.variant,
    );
    return {
      variant: shownVariant({ name: build.variant, side: build.side }),
      sameKey: other?.key === build.key,
      sameBinary: other?.binaryDigest === build.binaryDigest,
    };
  });
  const hosts = ({ comparison }: { comparison: JobComparison }) =>
    comparison.hostFingerprints.join();
  return {
    ratios,
    builds,
    sameHost: hosts(first) === hosts(second),
    reproduced: ratios.length > 0 && ratios.every(({ overlap }) => overlap),
  };
}

type Ratio = Pick<ReproducedRatio, 'what' | 'workload' | 'variant'> & {
  readonly interval: RatioInterval;
  readonly minimumDetectableRatio: number | null;
};

type Found = Pick<ChangeRow, 'workload' | 'variant' | 'ratio' | 'minimumDetectableRatio'>;

function ratiosOf({ rows, sides, changes }: JobComparison): Ratio[] {
  const named =
    (what: ReproducedRatio['what']) =>
    ({ workload, variant, ratio, minimumDetectableRatio }: Found) => ({
      what,
      workload,
      variant,
      interval: ratio,
      minimumDetectableRatio,
    });
  const overheads = rows.flatMap(({ workload, variant, side, ratio, minimumDetectableRatio }) =>
    ratio === null
      ? []
      : [
          {
            workload,
            variant: shownVariant({ name: variant, side }),
            ratio,
            minimumDetectableRatio,
          },
        ],
  );
  return [
    ...overheads.map(named('overhead')),
    ...sides.map(named('head/base')),
    ...changes.map(named('change of overhead')),
  ];
}

function keyOf({
  what,
  workload,
  variant,
}: Pick<ReproducedRatio, 'what' | 'workload' | 'variant'>): string {
  return `${what}\n${workload}\n${variant}`;
}
