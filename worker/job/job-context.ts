// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobComparison } from '#contract/comparison.js';
import type { Build } from '#contract/build.js';
import type { HostFingerprint, KnobReport } from '#contract/host.js';
import type { Job } from '#contract/job.js';
import type { VariantCode } from '#contract/machine-code.js';
import type { Sample, SampleKind } from '#contract/sample.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { GuestNoise } from '#domain/expectation.js';
import type { TraceSource } from '#domain/trace/trace-reader.js';
import type { NewProfile } from '#store/profiles.js';
import type { UploadedFolder } from '../build/tar.js';
import type { WorkloadFiles } from '../build/workload-files.js';
import type { StepContext } from '../step-context.js';

/** A sample before the store gives it an id. */
export type NewSample = Omit<Sample, 'id' | 'traceId'>;

/** Stores a job's builds and samples. Every write is fenced by the job's epoch. */
export interface Results {
  build(build: Build): Promise<void>;
  host(fingerprint: HostFingerprint): Promise<void>;
  measuring(): Promise<void>;
  /** Returns all stored samples of a kind, with the printed metrics that the plan judges only. */
  samples(kind: SampleKind): Promise<Sample[]>;
  /** Removes the samples of an unfinished block, or all instruction samples. */
  restart(block: number | 'instructions'): Promise<void>;
  /** Stores a sample of an unfinished block, with its trace. */
  traced(sample: NewSample, trace: TraceSource): Promise<void>;
  /** Stores the samples of a finished block in one transaction. */
  block(kind: SampleKind, block: number, samples: readonly NewSample[]): Promise<void>;
  /** Stores the profile of a run; a later attempt replaces it. */
  profiled(profile: NewProfile): Promise<void>;
  /** Stores the machine code of a variant; a later attempt replaces it. */
  compiled(code: VariantCode): Promise<void>;
  /** Reports the progress of measuring after a timed block. */
  progressed(block: number, progress: JobComparison['progress']): void;
  /** Records the noise of guests, for estimates of later jobs. */
  noise(guests: readonly GuestNoise[]): Promise<void>;
  /**
   * Returns true if the first batch of a kind suspects a regression, which a second has to confirm.
   */
  suspectsRegression(kind: SampleKind): Promise<boolean>;
}

/** One attempt at a job. */
export interface JobContext {
  readonly context: StepContext;
  readonly job: Job;
  /** Definitions of the workloads that qibench ships. */
  readonly workloads: readonly WorkloadDefinition[];
  /** Uploads that QEMU is built from, keyed by digest. */
  readonly uploads: ReadonlyMap<string, UploadedFolder>;
  /** Opens an upload that came in chunks, by its digest: a workload or a source tree. */
  readonly openUpload: (digest: string) => Promise<WorkloadFiles>;
  /** Hosts that sources of QEMU may come from. */
  readonly sourceHosts: readonly string[];
  readonly host: MeasuringHost;
  /** Stored bytes per trace file, at most; later records are only counted. */
  readonly traceMaxBytes: number;
  readonly results: Results;
}

/** Properties of the host for measuring. */
export interface MeasuringHost {
  /** CPUs that measured containers are pinned to, in list syntax. */
  readonly cpuset: string;
  /**
   * SCHED_FIFO priority of measured runs, if the host supports it; null: the default scheduling.
   */
  readonly fifoPriority: number | null;
  /** Reads the knobs again, because an operator may have changed one. */
  readonly knobs: () => Promise<readonly KnobReport[]>;
  /** Folder of the lock that keeps builds and measuring apart, for all workers of the host. */
  readonly lockFolder: string;
}
