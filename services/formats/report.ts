// SPDX-License-Identifier: GPL-2.0-or-later
import type { ComparisonRow, JobComparison } from '#contract/comparison.js';
import type { HostFingerprint } from '#contract/host.js';
import type { Job } from '#contract/job.js';
import type { Measure } from '#contract/measure.js';
import type { Sample } from '#contract/sample.js';

/** Input of the formats that contain a whole job. */
export interface JobReport {
  readonly job: Job;
  /** The host; null if it is unknown or the job ran on several. */
  readonly host: HostFingerprint | null;
  /** Runs of head in the complete blocks of the first batch, by workload and variant. */
  readonly cells: readonly {
    readonly workload: string;
    readonly variant: string;
    readonly runs: readonly Sample[];
  }[];
  readonly measures: readonly Measure[];
  /** The comparison by wall time. */
  readonly comparison: JobComparison;
  /** The comparisons by every judged metric, wall time first. */
  readonly comparisons: readonly JobComparison[];
  /** Why verdicts are advisory; empty if they are binding. */
  readonly advisoryReasons: readonly string[];
}

/**
 * Returns the name of a workload under a variant for formats with one name per benchmark. Variants
 * have no slash in their names, so the last slash is the separator.
 */
export const benchmarkName = ({
  workload,
  variant,
}: {
  workload: string;
  variant: string;
}): string => `${workload}/${variant}`;

/** Returns the cost row of a head-side variant with a workload. */
export const headRow = (
  { rows }: JobComparison,
  { workload, variant }: { workload: string; variant: string },
): ComparisonRow | undefined =>
  rows.find((row) => row.side === 'head' && row.variant === variant && row.workload === workload);

/** Formats JSON for a file: indented, with a final newline. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
