import type { JobState } from '../../../contract/job.js';
import type { JobEvent, JobEventBody, Step } from '../../../contract/job-event.js';
import { hasEnded } from '../../parts/state-badge.js';

/** One thing that a step of the job works on: a tree, a build, an image. */
export interface Stage {
  readonly step: Step;
  readonly what: string;
  readonly status: 'running' | 'done' | 'stopped';
  readonly startedAt: string;
  /** Of all times that it was gone through. */
  readonly durationMs: number;
  /** Nothing was made: all of it was there. */
  readonly cached: boolean;
  readonly key: string | null;
  readonly progress: { readonly done: number; readonly total: number } | null;
}

export type Block = Extract<JobEventBody, { type: 'block' }>;

/** What a job's events add up to. */
export interface Progress {
  readonly sequence: number;
  readonly state: JobState | null;
  readonly stages: readonly Stage[];
  readonly attempts: number;
  /** The last one that ended. */
  readonly block: Block | null;
}

export const NO_PROGRESS: Progress = {
  sequence: 0,
  state: null,
  stages: [],
  attempts: 0,
  block: null,
};

/** Progress after one more event. One that was seen already, as after a reconnect, changes nothing. */
export function advance(progress: Progress, { sequence, at, body }: JobEvent): Progress {
  if (sequence <= progress.sequence) return progress;
  const next = { ...progress, sequence };
  switch (body.type) {
    case 'state': {
      const stopped = body.state === 'queued' || hasEnded(body.state);
      const stages = stopped
        ? next.stages.map((stage) =>
            stage.status === 'running' ? { ...stage, status: 'stopped' as const } : stage,
          )
        : next.stages;
      return {
        ...next,
        state: body.state,
        stages,
        attempts: next.attempts + (body.state === 'building' ? 1 : 0),
      };
    }
    case 'step-started':
      return withStage(next, body, at, (stage) => ({
        ...stage,
        status: 'running',
        startedAt: at,
        progress: null,
      }));
    case 'step-progress':
      return withStage(next, body, at, (stage) => ({
        ...stage,
        progress: { done: body.done, total: body.total },
      }));
    case 'step-finished':
      return withStage(next, body, at, (stage) => ({
        ...stage,
        status: 'done',
        durationMs: stage.durationMs + body.durationMs,
        cached: stage.cached && body.cached,
        key: body.key,
        progress: null,
      }));
    case 'block':
      return { ...next, block: body };
  }
}

/** Steps ask for the same tree again and again: it is one stage. */
function withStage(
  progress: Progress,
  { step, what }: { step: Step; what: string },
  at: string,
  change: (stage: Stage) => Stage,
): Progress {
  const index = progress.stages.findIndex((stage) => stage.step === step && stage.what === what);
  if (index >= 0)
    return { ...progress, stages: progress.stages.with(index, change(progress.stages[index]!)) };
  const fresh: Stage = {
    step,
    what,
    status: 'running',
    startedAt: at,
    durationMs: 0,
    cached: true,
    key: null,
    progress: null,
  };
  return { ...progress, stages: [...progress.stages, change(fresh)] };
}
