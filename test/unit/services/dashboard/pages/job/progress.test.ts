// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobEvent, JobEventBody } from '#contract/job-event.js';
import { advance, NO_PROGRESS } from '#dashboard/pages/job/progress.js';

/** The events of a job, one second apart. */
const progressOf = (...bodies: JobEventBody[]) =>
  bodies
    .map((body, index): JobEvent => ({
      sequence: index + 1,
      at: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(),
      body,
    }))
    .reduce(advance, NO_PROGRESS);
const building = { type: 'state', state: 'building', error: null } as const;
const started = { type: 'step-started', step: 'build', what: 'dynamic' } as const;
const failed = { type: 'state', state: 'failed', error: null } as const;

test('a step that a failure interrupts has the time that it ran', () => {
  expect(progressOf(building, started, failed).stages).toMatchObject([
    { status: 'stopped', durationMs: 1_000 },
  ]);
});

test('a step that runs again adds up its interrupted and finished times', () => {
  const { stages, attempts } = progressOf(
    building,
    started,
    { type: 'state', state: 'queued', error: null },
    building,
    started,
    { ...started, type: 'step-finished', cached: false, durationMs: 500, key: null },
    failed,
  );
  expect(attempts).toBe(2);
  expect(stages).toMatchObject([{ status: 'done', durationMs: 1_500 }]);
});
