import type { JobPlan, JobState } from '../contract/job.js';
import type { QueueEntry } from '../contract/queue.js';

/** A place in the queue; whether a worker can take it is another question. */
export type Estimate = Omit<QueueEntry, 'lacking'>;

const MS_PER_SECOND = 1e3;

type Size = Pick<JobPlan, 'blocks'> & { readonly variants: number; readonly workloads: number };

/** A job that has succeeded. Times in ms since the epoch. */
export interface PastJob extends Size {
  readonly blocksDone: number;
  readonly startedMs: number;
  readonly measuringMs: number;
  readonly finishedMs: number;
}

/** A job that has not ended. */
export interface ActiveJob extends Size {
  readonly id: string;
  readonly state: JobState;
  readonly blocksDone: number;
  /** How often it was claimed: from the second time on, its start says nothing about its pace. */
  readonly epoch: number;
  readonly startedMs: number | null;
  readonly measuringMs: number | null;
  /** How long it measures until its comparisons are decided, as far as is known; null: a fixed number of blocks. */
  readonly measureSeconds: number | null;
}

interface Pace {
  readonly buildMs: number;
  readonly perSampleMs: number;
}

/**
 * Where every active job stands, and when it may start and end.
 *
 * @param active those that run, in any order, and those that wait, next first
 * @param past recent jobs; without any, only a job that measures can be estimated, from its own pace
 */
export function estimateQueue(
  active: readonly ActiveJob[],
  past: readonly PastJob[],
  nowMs: number,
): Estimate[] {
  const pace = paceOf(past);
  const running = active
    .filter(({ state }) => state !== 'queued')
    .map((job) => ({ job, endMs: endOfRunning(job, pace, nowMs) }));
  const entries = running.map(({ job, endMs }) => entryOf(job, null, null, endMs));
  // As many jobs go on at a time as run now; where none runs, nobody knows when a worker will come.
  let freeMs = running.map(({ endMs }) => endMs);
  for (const [index, job] of active.filter(({ state }) => state === 'queued').entries()) {
    const startMs = earliest(freeMs);
    const endMs =
      startMs === null || pace === null ? null : startMs + pace.buildMs + measuringTime(job, pace);
    entries.push(entryOf(job, index + 1, startMs, endMs));
    if (startMs !== null) freeMs = freeMs.with(freeMs.indexOf(startMs), endMs);
  }
  return entries;
}

function entryOf(
  job: ActiveJob,
  position: number | null,
  startMs: number | null,
  endMs: number | null,
): Estimate {
  const { id: jobId, state, blocksDone } = job;
  return {
    jobId,
    state,
    blocksDone,
    blocks: knownBlocks(job),
    position,
    estimatedStartAt: iso(startMs),
    estimatedEndAt: iso(endMs),
  };
}

/** Blocks of the batches that are known to be measured: a second one is, once it has begun. */
function knownBlocks({ blocks, blocksDone }: ActiveJob): number {
  return blocksDone > blocks ? blocks * 2 : blocks;
}

function endOfRunning(job: ActiveJob, pace: Pace | null, nowMs: number): number | null {
  const { state, startedMs, measuringMs, measureSeconds, epoch, blocksDone } = job;
  if (state === 'measuring' && measuringMs !== null && measureSeconds !== null)
    return Math.max(nowMs, measuringMs + measureSeconds * MS_PER_SECOND);
  if (state === 'measuring' && measuringMs !== null) {
    // The warm-up is a block too. One that has begun is not known to be done.
    const ownMs = epoch === 1 && blocksDone > 0 ? (nowMs - measuringMs) / (blocksDone + 1) : null;
    const perBlockMs = ownMs ?? (pace === null ? null : pace.perSampleMs * samplesOf(job, 1));
    return perBlockMs === null ? null : nowMs + (knownBlocks(job) - blocksDone) * perBlockMs;
  }
  if (pace === null || startedMs === null) return null;
  const builtMs = epoch === 1 ? Math.max(nowMs, startedMs + pace.buildMs) : nowMs + pace.buildMs;
  return builtMs + measuringTime(job, pace);
}

/** What is left to measure of a job that does not measure yet, in ms. */
function measuringTime(job: ActiveJob, { perSampleMs }: Pace): number {
  return job.measureSeconds === null
    ? samplesOf(job, job.blocks + 1 - job.blocksDone) * perSampleMs
    : job.measureSeconds * MS_PER_SECOND;
}

function paceOf(past: readonly PastJob[]): Pace | null {
  if (past.length === 0) return null;
  return {
    buildMs: median(past.map(({ startedMs, measuringMs }) => measuringMs - startedMs)),
    perSampleMs: median(
      past.map((job) => (job.finishedMs - job.measuringMs) / samplesOf(job, job.blocksDone + 1)),
    ),
  };
}

function samplesOf({ variants, workloads }: Size, blocks: number): number {
  return variants * workloads * blocks;
}

/** Null if there is none, or if it may be any. */
function earliest(times: readonly (number | null)[]): number | null {
  return times.length === 0 || times.includes(null) ? null : Math.min(...(times as number[]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
