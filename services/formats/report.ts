import type { ComparisonRow, JobComparison } from '../contract/comparison.js';
import type { HostFingerprint } from '../contract/host.js';
import type { Job } from '../contract/job.js';
import type { Measure } from '../contract/measure.js';
import type { Sample } from '../contract/sample.js';

/** What the formats that hold a whole job are made from. */
export interface JobReport {
  readonly job: Job;
  /** The host, where it was one and is known. */
  readonly host: HostFingerprint | null;
  /** What counts: runs of head in the complete blocks of the first batch, by workload and variant. */
  readonly cells: readonly {
    readonly workload: string;
    readonly variant: string;
    readonly runs: readonly Sample[];
  }[];
  readonly measures: readonly Measure[];
  /** By wall time. */
  readonly comparison: JobComparison;
  /** By every metric that is judged, wall time first. */
  readonly judged: readonly JobComparison[];
  /** Why verdicts only advise; empty where they do more. */
  readonly advisoryReasons: readonly string[];
}

/** How formats with one name per benchmark call a workload under a variant. No variant's name has a slash, so the last one divides. */
export const benchmarkName = ({
  workload,
  variant,
}: {
  workload: string;
  variant: string;
}): string => `${workload}/${variant}`;

/** What a variant of the head side costs with a workload. */
export const headRow = (
  { rows }: JobComparison,
  { workload, variant }: { workload: string; variant: string },
): ComparisonRow | undefined =>
  rows.find((row) => row.side === 'head' && row.variant === variant && row.workload === workload);

/** JSON as files have it. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
