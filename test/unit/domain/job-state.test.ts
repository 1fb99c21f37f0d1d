import { QibenchError } from '../../../services/contract/error.js';
import { ENDED_STATES, JOB_STATES } from '../../../services/contract/job.js';
import type { JobState } from '../../../services/contract/job.js';
import { MAX_ATTEMPTS, NEW_JOB, RETRY_DELAY_MS, step } from '../../../services/domain/job-state.js';
import type { JobMachine, JobTransition } from '../../../services/domain/job-state.js';

const RETRYABLE = new QibenchError('DOCKER_UNREACHABLE', { reason: 'no' });
const FINAL = new QibenchError('COMPILE_FAILED', { first: 'no' });

const EVENTS = {
  claimed: { type: 'claimed' },
  built: { type: 'built' },
  measured: { type: 'measured' },
  failedOnce: { type: 'failed', error: RETRYABLE, attempts: 1 },
  failedForGood: { type: 'failed', error: FINAL, attempts: 1 },
  failedTooOften: { type: 'failed', error: RETRYABLE, attempts: MAX_ATTEMPTS },
  lost: { type: 'lost', attempts: 1 },
  lostTooOften: { type: 'lost', attempts: MAX_ATTEMPTS },
  cancelled: { type: 'cancelled' },
} satisfies Record<string, JobTransition>;

const at = (state: JobState): JobMachine => ({ state, epoch: 1, error: null });

const CHANGES: Record<string, Partial<Record<keyof typeof EVENTS, JobState>>> = {
  queued: { claimed: 'building', failedForGood: 'failed', failedTooOften: 'failed', cancelled: 'cancelled' },
  building: { built: 'measuring', failedOnce: 'queued', failedForGood: 'failed', failedTooOften: 'failed', lost: 'queued', lostTooOften: 'failed', cancelled: 'cancelled' },
  measuring: { measured: 'succeeded', failedOnce: 'queued', failedForGood: 'failed', failedTooOften: 'failed', lost: 'queued', lostTooOften: 'failed', cancelled: 'cancelled' },
};

describe('job state machine', () => {
  const cells = JOB_STATES.flatMap((state) => Object.keys(EVENTS).map((name) => [state, name as keyof typeof EVENTS] as const));
  test.each(cells)('from %s by %s goes where the table says', (state, name) => {
    const job = at(state);
    const result = step(job, EVENTS[name]);
    const expected = CHANGES[state]?.[name];
    if (expected === undefined) expect(result).toEqual({ state: job, effects: [] });
    else {
      expect(result.state.state).toBe(expected);
      expect(result.effects[0]).toEqual({ type: 'publish', state: expected, error: result.state.error });
    }
  });

  test('counts claims as epochs', () => {
    const claimed = step(NEW_JOB, EVENTS.claimed).state;
    expect(claimed.epoch).toBe(1);
    expect(step(step(claimed, EVENTS.lost).state, EVENTS.claimed).state.epoch).toBe(2);
  });

  test('waits longer before every further attempt', () => {
    const delay = (attempts: number): unknown => step(at('building'), { type: 'lost', attempts }).effects[1];
    expect(delay(1)).toEqual({ type: 'enqueue', delayMs: RETRY_DELAY_MS });
    expect(delay(2)).toEqual({ type: 'enqueue', delayMs: 2 * RETRY_DELAY_MS });
  });

  test('keeps why a job failed', () => {
    expect(step(at('measuring'), EVENTS.failedForGood).state.error).toEqual(FINAL.toBody());
    expect(step(at('measuring'), EVENTS.lostTooOften).state.error).toMatchObject({ code: 'WORKER_LOST' });
  });

  test('stops what runs when a job is cancelled', () => {
    expect(step(at('measuring'), EVENTS.cancelled).effects).toContainEqual({ type: 'stop-runs' });
    expect(step(at('queued'), EVENTS.cancelled).effects).not.toContainEqual({ type: 'stop-runs' });
  });

  test('never leaves an ended state', () => {
    for (const state of ENDED_STATES) for (const event of Object.values(EVENTS)) expect(step(at(state), event).state.state).toBe(state);
  });
});
