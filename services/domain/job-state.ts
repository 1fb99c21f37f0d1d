/**
 * The life of a job as a pure function.
 *
 * | state \ event | claimed  | built     | handed over | measured  | failed, retry left | failed, for good | lost, retry left | lost too often | released | cancelled |
 * |---------------|----------|-----------|-------------|-----------|--------------------|------------------|------------------|----------------|----------|-----------|
 * | queued        | building | -         | -           | -         | -                  | failed           | -                | -              | -        | cancelled |
 * | building      | -        | measuring | queued      | -         | queued             | failed           | queued           | failed         | queued   | cancelled |
 * | measuring     | -        | -         | -           | succeeded | queued             | failed           | queued           | failed         | queued   | cancelled |
 * | succeeded     | -        | -         | -           | -         | -                  | -                | -                | -              | -        | -         |
 * | failed        | -        | -         | -           | -         | -                  | -                | -                | -              | -        | -         |
 * | cancelled     | -        | -         | -           | -         | -                  | -                | -                | -              | -        | -         |
 *
 * `-`: nothing changes. Messages arrive at least once and may arrive late, so none of these is an error.
 * A job that is queued again keeps its finished blocks; the next claim goes on behind them. One that a build worker
 * hands over is queued as built: only a worker that measures claims it then, and that claim is no further attempt.
 * Once somebody has been told that a job will be cancelled, whatever happens to it cancels it.
 */
import { QibenchError } from '../contract/error.js';
import type { ErrorBody } from '../contract/error.js';
import { ENDED_STATES } from '../contract/job.js';
import type { JobState } from '../contract/job.js';

/** How often a job may be claimed before a failure that could be tried again is final. */
export const MAX_ATTEMPTS = 4;
/** Pause before the second attempt in ms; it doubles with every further one. */
export const RETRY_DELAY_MS = 5_000;

/** The part of a job that its state machine keeps. */
export interface JobMachine {
  readonly state: JobState;
  /** How often a worker has claimed it: the number of attempts, and the fence of every later write. */
  readonly epoch: number;
  /** A build worker has handed it over. */
  readonly built: boolean;
  /** Why it failed or was cancelled; null in every other state. */
  readonly error: ErrorBody | null;
  /** Somebody wants it to end, and was told that it will. */
  readonly cancelRequested: boolean;
}

export type JobTransition =
  | { readonly type: 'claimed' }
  | { readonly type: 'built' }
  | { readonly type: 'handed-over' }
  | { readonly type: 'measured' }
  | { readonly type: 'failed'; readonly error: QibenchError }
  | { readonly type: 'lost' }
  | { readonly type: 'released' }
  | { readonly type: 'cancelled' };

/** What the caller has to do, in the transaction that stores the new state. */
export type JobEffect =
  | { readonly type: 'publish'; readonly state: JobState; readonly error: ErrorBody | null }
  | { readonly type: 'enqueue'; readonly delayMs: number };

export interface Step {
  readonly state: JobMachine;
  readonly effects: readonly JobEffect[];
}

/** A job as it is accepted. */
export const NEW_JOB: JobMachine = {
  state: 'queued',
  epoch: 0,
  built: false,
  error: null,
  cancelRequested: false,
};

/**
 * The state after an event, and what that entails. See the table above.
 *
 * @param job is returned as it is, without effects, where the event changes nothing
 */
export function step(job: JobMachine, event: JobTransition): Step {
  const unchanged: Step = { state: job, effects: [] };
  if (ENDED_STATES.includes(job.state)) return unchanged;
  if (job.cancelRequested || event.type === 'cancelled')
    return enter({ ...job, state: 'cancelled', error: new QibenchError('CANCELLED').toBody() });
  const held = job.state !== 'queued';

  switch (event.type) {
    case 'claimed':
      return held ? unchanged : enter({ ...job, state: 'building', epoch: job.epoch + 1 });
    case 'built':
      return job.state === 'building' ? enter({ ...job, state: 'measuring' }) : unchanged;
    case 'handed-over':
      return job.state === 'building' ? again({ ...job, built: true }, 0) : unchanged;
    case 'measured':
      return job.state === 'measuring' ? enter({ ...job, state: 'succeeded' }) : unchanged;
    case 'failed':
      if (!event.error.retry || attemptsOf(job) >= MAX_ATTEMPTS)
        return enter({ ...job, state: 'failed', error: event.error.toBody() });
      return held ? again(job, RETRY_DELAY_MS * 2 ** (attemptsOf(job) - 1)) : unchanged;
    case 'lost':
      if (!held) return unchanged;
      if (attemptsOf(job) < MAX_ATTEMPTS) return again(job, 0);
      return enter({
        ...job,
        state: 'failed',
        error: new QibenchError('WORKER_LOST', { count: job.epoch }).toBody(),
      });
    case 'released':
      return held ? again(job, 0) : unchanged;
  }
}

/** Building and measuring by different workers are two claims and one attempt. */
function attemptsOf({ epoch, built }: JobMachine): number {
  return epoch - (built ? 1 : 0);
}

function enter(state: JobMachine, effects: readonly JobEffect[] = []): Step {
  return {
    state,
    effects: [{ type: 'publish', state: state.state, error: state.error }, ...effects],
  };
}

function again(job: JobMachine, delayMs: number): Step {
  return enter({ ...job, state: 'queued' }, [{ type: 'enqueue', delayMs }]);
}
