import type { Build } from '../../services/contract/build.js';
import type { HostFingerprint, KnobReport } from '../../services/contract/host.js';
import type { Job } from '../../services/contract/job.js';
import type { Sample, SampleKind } from '../../services/contract/sample.js';
import type { WorkloadDefinition } from '../../services/contract/workload.js';
import type { TraceSource } from '../../services/domain/trace/trace-reader.js';
import type { BuildContext } from '../step-context.js';
import type { UploadedFolder } from '../build/tar.js';

/** What a sample is before the store gives it an id. */
export type NewSample = Omit<Sample, 'id' | 'traceId'>;

/** Where the execution of a job leaves what it found; every write is fenced by the job's epoch. */
export interface Results {
  build(build: Build): Promise<void>;
  host(fingerprint: HostFingerprint): Promise<void>;
  measuring(): Promise<void>;
  /** Forget the samples of a block that did not end: a block is evidence as a whole. */
  restartBlock(block: number | 'instructions'): Promise<void>;
  sample(sample: NewSample, blocks: number, trace: TraceSource | null): Promise<void>;
  blockDone(block: number): Promise<void>;
  /** Whether the samples of a kind call a regression in their first batch, which a second one has to confirm. */
  suspectsRegression(kind: SampleKind): Promise<boolean>;
}

export interface Execution {
  readonly context: BuildContext;
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
  /** Looks at them anew: somebody may have turned one. */
  readonly knobs: () => Promise<readonly KnobReport[]>;
  /** Folder of the lock that keeps builds and measuring apart, for all workers of the host. */
  readonly lockFolder: string;
}
