// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { ENDED_STATES, JOB_STATES } from '#contract/job.js';
import type { JobState } from '#contract/job.js';
import { MAX_ATTEMPTS, NEW_JOB, RETRY_DELAY_MS, step } from '#domain/job-state.js';
import type { JobMachine, JobTransition } from '#domain/job-state.js';

const RETRYABLE = new QibenchError('DOCKER_UNREACHABLE', { reason: 'no' });
const FINAL = new QibenchError('COMPILE_FAILED', { first: 'no' });

const EVENTS = {
  claimed: { type: 'claimed' },
  built: { type: 'built' },
  handedOver: { type: 'handed-over' },
  measured: { type: 'measured' },
  failed: { type: 'failed', error: RETRYABLE },
  failedForGood: { type: 'failed', error: FINAL },
  lost: { type: 'lost' },
  released: { type: 'released' },
  cancelled: { type: 'cancelled' },
} satisfies Record<string, JobTransition>;

const at = (state: JobState, epoch = 1): JobMachine => ({
  state,
  epoch,
  built: false,
  error: null,
  cancelRequested: false,
});

type Changes = Record<string, Partial<Record<keyof typeof EVENTS, JobState>>>;
const FIRST_ATTEMPT: Changes = {
  queued: { claimed: 'building', failedForGood: 'failed', cancelled: 'cancelled' },
  building: {
    built: 'measuring',
    handedOver: 'queued',
    failed: 'queued',
    failedForGood: 'failed',
    lost: 'queued',
    released: 'queued',
    cancelled: 'cancelled',
  },
  measuring: {
    measured: 'succeeded',
    failed: 'queued',
    failedForGood: 'failed',
    lost: 'queued',
    released: 'queued',
    cancelled: 'cancelled',
  },
};
const LAST_ATTEMPT: Changes = {
  queued: { ...FIRST_ATTEMPT.queued, failed: 'failed' },
  building: { ...FIRST_ATTEMPT.building, failed: 'failed', lost: 'failed' },
  measuring: { ...FIRST_ATTEMPT.measuring, failed: 'failed', lost: 'failed' },
};

describe('job state machine', () => {
  const cells = [1, MAX_ATTEMPTS].flatMap((epoch) =>
    JOB_STATES.flatMap((state) =>
      Object.keys(EVENTS).map((name) => [epoch, state, name as keyof typeof EVENTS] as const),
    ),
  );
  test.each(cells)(
    "attempt %i: from %s, the transition %s leads to the table's state",
    (epoch, state, name) => {
      const job = at(state, epoch);
      const result = step(job, EVENTS[name]);
      const expected = (epoch === 1 ? FIRST_ATTEMPT : LAST_ATTEMPT)[state]?.[name];
      if (expected === undefined) expect(result).toEqual({ state: job, effects: [] });
      else {
        expect(result.state.state).toBe(expected);
        expect(result.effects[0]).toEqual({
          type: 'publish',
          state: expected,
          error: result.state.error,
        });
      }
    },
  );

  test('increments the epoch with every claim', () => {
    const claimed = step(NEW_JOB, EVENTS.claimed).state;
    expect(claimed.epoch).toBe(1);
    expect(step(step(claimed, EVENTS.lost).state, EVENTS.claimed).state.epoch).toBe(2);
  });

  test('waits longer before every further attempt, but not after a lost worker', () => {
    expect(step(at('building', 1), EVENTS.failed).effects[1]).toEqual({
      type: 'enqueue',
      delayMs: RETRY_DELAY_MS,
    });
    expect(step(at('building', 2), EVENTS.failed).effects[1]).toEqual({
      type: 'enqueue',
      delayMs: 2 * RETRY_DELAY_MS,
    });
    expect(step(at('building', 2), EVENTS.lost).effects[1]).toEqual({
      type: 'enqueue',
      delayMs: 0,
    });
  });

  test('keeps the number of attempts of a job that was handed over', () => {
    const handedOver = step(at('building', MAX_ATTEMPTS), EVENTS.handedOver).state;
    expect(handedOver).toMatchObject({ state: 'queued', built: true });
    const measuring = step(step(handedOver, EVENTS.claimed).state, EVENTS.built).state;

    expect(step({ ...measuring, epoch: MAX_ATTEMPTS }, EVENTS.lost).state.state).toBe('queued');
    expect(step(measuring, EVENTS.lost).state).toMatchObject({ state: 'failed', built: true });
  });

  test('records why a job failed', () => {
    expect(step(at('measuring'), EVENTS.failedForGood).state.error).toEqual(FINAL.toBody());
    expect(step(at('measuring', MAX_ATTEMPTS), EVENTS.lost).state.error).toMatchObject({
      code: 'WORKER_LOST',
    });
  });

  test('cancels a job marked for cancelling at its next transition', () => {
    for (const state of ['queued', 'building', 'measuring'] as const) {
      for (const [name, event] of Object.entries(EVENTS)) {
        for (const epoch of [1, MAX_ATTEMPTS])
          expect([
            name,
            step({ ...at(state, epoch), cancelRequested: true }, event).state,
          ]).toMatchObject([name, { state: 'cancelled', error: { code: 'CANCELLED' } }]);
      }
    }
  });

  test('never leaves a final state', () => {
    for (const state of ENDED_STATES)
      for (const event of Object.values(EVENTS))
        for (const cancelRequested of [false, true])
          expect(step({ ...at(state), cancelRequested }, event).state.state).toBe(state);
  });
});
