// SPDX-License-Identifier: GPL-2.0-or-later
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
 * `-`: the event changes nothing. Messages arrive at least once and may arrive late, so such an
 * event is not an error.
 *
 * A requeued job keeps its finished blocks; the next attempt resumes after them. A build worker
 * hands a job over by queueing it as built. Then only a measuring worker claims it, and that claim
 * does not count as another attempt. Once a cancellation has been accepted, the next event of any
 * type cancels the job.
 */
import { QibenchError } from '#contract/error.js';
import type { ErrorBody } from '#contract/error.js';
import { ENDED_STATES } from '#contract/job.js';
import type { JobState } from '#contract/job.js';

/** Number of attempts after which a failure is final, even if it could be retried. */
export const MAX_ATTEMPTS = 4;
/** Delay before the second attempt; it doubles with every further attempt. */
export const RETRY_DELAY_MS = 5_000;

/** The part of a job that belongs to its state machine. */
export interface JobMachine {
  readonly state: JobState;
  /** Number of claims. It numbers the attempts and is the fencing token of every later write. */
  readonly epoch: number;
  /** Whether a build worker has handed it over. */
  readonly built: boolean;
  /** The error that ended it as failed or cancelled; null in every other state. */
  readonly error: ErrorBody | null;
  /** Whether a cancellation was requested and accepted. */
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

/** An effect that the caller has to store in the transaction that stores the new state. */
type JobEffect =
  | { readonly type: 'publish'; readonly state: JobState; readonly error: ErrorBody | null }
  | { readonly type: 'enqueue'; readonly delayMs: number };

export interface Step {
  readonly state: JobMachine;
  readonly effects: readonly JobEffect[];
}

/** State of a job when it is accepted. */
export const NEW_JOB: JobMachine = {
  state: 'queued',
  epoch: 0,
  built: false,
  error: null,
  cancelRequested: false,
};

/**
 * Returns the state after an event, and its effects; see the table above.
 *
 * @param job Returned unchanged and without effects if the event changes nothing.
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

/** Returns the number of attempts. Building and measuring by different workers are two claims. */
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
