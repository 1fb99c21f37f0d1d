// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan, JobState } from '#contract/job.js';
import type { QueueEntry } from '#contract/queue.js';

/** A position in the queue, without regard to whether a worker can take the job. */
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
  /** Number of claims. After the first, the start time does not reveal the pace. */
  readonly epoch: number;
  readonly startedMs: number | null;
  readonly measuringMs: number | null;
  /** Expected seconds until its comparisons are decided; null: a fixed number of blocks. */
  readonly measureSeconds: number | null;
}

interface Pace {
  readonly buildMs: number;
  readonly perSampleMs: number;
}

/**
 * Returns the queue position of every active job, and when it may start and end.
 *
 * @param active Running jobs in any order and queued jobs, next first.
 * @param past Recent jobs. Without any, only a measuring job is estimated, from its own pace.
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
  // Assumes as many concurrent jobs as run now. If none runs, the next start is unknown.
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

/** Returns the blocks that will be measured; the second batch counts once it has begun. */
function knownBlocks({ blocks, blocksDone }: ActiveJob): number {
  return blocksDone > blocks ? blocks * 2 : blocks;
}

function endOfRunning(job: ActiveJob, pace: Pace | null, nowMs: number): number | null {
  const { state, startedMs, measuringMs, measureSeconds, epoch, blocksDone } = job;
  if (state === 'measuring' && measuringMs !== null && measureSeconds !== null)
    return Math.max(nowMs, measuringMs + measureSeconds * MS_PER_SECOND);
  if (state === 'measuring' && measuringMs !== null) {
    // The warm-up is a block too. A block in progress does not count.
    const ownMs = epoch === 1 && blocksDone > 0 ? (nowMs - measuringMs) / (blocksDone + 1) : null;
    const perBlockMs = ownMs ?? (pace === null ? null : pace.perSampleMs * samplesOf(job, 1));
    return perBlockMs === null ? null : nowMs + (knownBlocks(job) - blocksDone) * perBlockMs;
  }
  if (pace === null || startedMs === null) return null;
  const builtMs = epoch === 1 ? Math.max(nowMs, startedMs + pace.buildMs) : nowMs + pace.buildMs;
  return builtMs + measuringTime(job, pace);
}

/** Returns the measuring time that a job not yet measuring still needs, in ms. */
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

/** Returns the earliest time; null without times, or if one of them is unknown. */
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
