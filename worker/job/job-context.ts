import type { JobComparison } from '../../services/contract/comparison.js';
import type { Build } from '../../services/contract/build.js';
import type { HostFingerprint, KnobReport } from '../../services/contract/host.js';
import type { Job } from '../../services/contract/job.js';
import type { Sample, SampleKind } from '../../services/contract/sample.js';
import type { WorkloadDefinition } from '../../services/contract/workload.js';
import type { GuestNoise } from '../../services/domain/expectation.js';
import type { TraceSource } from '../../services/domain/trace/trace-reader.js';
import type { UploadedFolder } from '../build/tar.js';
import type { StepContext } from '../step-context.js';

/** A sample before the store gives it an id. */
export type NewSample = Omit<Sample, 'id' | 'traceId'>;

/** Where a job's builds and samples are stored; every write is fenced by the job's epoch. */
export interface Results {
  build(build: Build): Promise<void>;
  host(fingerprint: HostFingerprint): Promise<void>;
  measuring(): Promise<void>;
  /** All samples of a kind that are stored. */
  samples(kind: SampleKind): Promise<Sample[]>;
  /** Removes the samples of a block that did not end, or all instruction samples. */
  restart(block: number | 'instructions'): Promise<void>;
  /** Stores a sample of a block that goes on, with its trace. */
  traced(sample: NewSample, trace: TraceSource): Promise<void>;
  /** Stores the samples of a block that has ended, all or none. */
  block(kind: SampleKind, block: number, samples: readonly NewSample[]): Promise<void>;
  /** Tells how far measuring is after a timed block. */
  progressed(block: number, progress: JobComparison['progress']): void;
  /** Records how guests varied, for estimates of later jobs. */
  noise(guests: readonly GuestNoise[]): Promise<void>;
  /** Whether the samples of a kind call a regression in their first batch, which a second one has to confirm. */
  suspectsRegression(kind: SampleKind): Promise<boolean>;
}

/** One attempt at a job. */
export interface JobContext {
  readonly context: StepContext;
  readonly job: Job;
  readonly workloads: readonly WorkloadDefinition[];
  /** What the job names, by digest. */
  readonly uploads: ReadonlyMap<string, UploadedFolder>;
  readonly host: MeasuringHost;
  /** Prefix of the job's volumes. */
  readonly volumePrefix: string;
  /** Bytes of a trace file that are stored, at most; records behind are counted only. */
  readonly traceMaxBytes: number;
  readonly results: Results;
}

/** How this worker measures. */
export interface MeasuringHost {
  /** CPUs that measured containers are pinned to, in list syntax. */
  readonly cpuset: string;
  /** Priority under SCHED_FIFO that measured runs may have, if the host can give it; null: the usual scheduling. */
  readonly fifoPriority: number | null;
  /** Reads them anew: an operator may have turned one. */
  readonly knobs: () => Promise<readonly KnobReport[]>;
  /** Folder of the lock that keeps builds and measuring apart, for all workers of the host. */
  readonly lockFolder: string;
}
