// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobState } from '#contract/job.js';
import type { JobEvent, JobEventBody, Step } from '#contract/job-event.js';
import { hasEnded } from '../../components/has-ended.js';

/** One item that a step of the job works on: a tree, a build, an image. */
export interface Stage {
  readonly step: Step;
  readonly what: string;
  readonly status: 'running' | 'done' | 'stopped';
  readonly startedAt: string;
  /** Sum of all finished and interrupted passes, in ms. */
  readonly durationMs: number;
  /** True if every pass was a cache hit. */
  readonly cached: boolean;
  readonly key: string | null;
  readonly progress: { readonly done: number; readonly total: number } | null;
}

type Block = Extract<JobEventBody, { type: 'block' }>;

/** State of a job, accumulated from its events. */
export interface Progress {
  readonly sequence: number;
  readonly state: JobState | null;
  readonly stages: readonly Stage[];
  readonly attempts: number;
  /** The last finished block. */
  readonly block: Block | null;
}

export const NO_PROGRESS: Progress = {
  sequence: 0,
  state: null,
  stages: [],
  attempts: 0,
  block: null,
};

/**
 * Returns the progress after one more event. Ignores events that it has seen, for example after a
 * reconnect.
 */
export function advance(progress: Progress, { sequence, at, body }: JobEvent): Progress {
  if (sequence <= progress.sequence) return progress;
  const next = { ...progress, sequence };
  switch (body.type) {
    case 'state': {
      const stopped = body.state === 'queued' || hasEnded(body.state);
      const stages = stopped ? next.stages.map((stage) => interrupted(stage, at)) : next.stages;
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

/** Stops a running stage. The step sends no event of its own, so its duration ends at `at`. */
function interrupted(stage: Stage, at: string): Stage {
  if (stage.status !== 'running') return stage;
  const ranMs = Math.max(0, Date.parse(at) - Date.parse(stage.startedAt));
  return { ...stage, status: 'stopped', durationMs: stage.durationMs + ranMs };
}

/**
 * Changes the stage of an item, or adds it: steps that request the same tree several times share a
 * stage.
 */
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
