// SPDX-License-Identifier: GPL-2.0-or-later
import { estimateQueue, type ActiveJob, type PastJob } from '#domain/estimate.js';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(NOW_MS + seconds * 1000).toISOString();

/** 10 s of building, then 7 blocks of two samples, 1 s each. */
const past: PastJob = {
  blocks: 6,
  blocksDone: 6,
  variants: 2,
  workloads: 1,
  startedMs: 0,
  measuringMs: 10_000,
  finishedMs: 24_000,
};
const queued: ActiveJob = {
  id: 'waits',
  state: 'queued',
  blocks: 6,
  blocksDone: 0,
  variants: 2,
  workloads: 1,
  epoch: 0,
  startedMs: null,
  measuringMs: null,
  measureSeconds: null,
};
const building: ActiveJob = {
  ...queued,
  id: 'builds',
  state: 'building',
  epoch: 1,
  startedMs: NOW_MS - 4_000,
};
const measuring: ActiveJob = {
  ...building,
  id: 'measures',
  state: 'measuring',
  blocksDone: 3,
  startedMs: NOW_MS - 60_000,
  measuringMs: NOW_MS - 20_000,
};

test('a building job ends after the rest of the median build and all its samples', () => {
  expect(estimateQueue([building], [past, past, { ...past, startedMs: -90_000 }], NOW_MS)).toEqual([
    {
      jobId: 'builds',
      state: 'building',
      blocksDone: 0,
      blocks: 6,
      position: null,
      estimatedStartAt: null,
      estimatedEndAt: at(6 + 14),
    },
  ]);
});

test('a build longer than the median may end at any moment, never in the past', () => {
  expect(
    estimateQueue([{ ...building, startedMs: NOW_MS - 99_000 }], [past], NOW_MS)[0]!.estimatedEndAt,
  ).toBe(at(14));
});

test('a measuring job continues at its own pace, even without earlier jobs', () => {
  expect(estimateQueue([measuring], [], NOW_MS)[0]).toMatchObject({
    blocksDone: 3,
    estimatedEndAt: at(3 * 5),
  });
});

test('a job claimed again has no pace of its own yet', () => {
  expect(estimateQueue([{ ...measuring, epoch: 2 }], [past], NOW_MS)[0]!.estimatedEndAt).toBe(
    at(3 * 2),
  );
  expect(estimateQueue([{ ...measuring, epoch: 2 }], [], NOW_MS)[0]!.estimatedEndAt).toBeNull();
});

test('a second batch counts once it has started', () => {
  expect(estimateQueue([{ ...measuring, blocksDone: 7 }], [], NOW_MS)[0]).toMatchObject({
    blocks: 12,
    estimatedEndAt: at(5 * 2.5),
  });
});

test('waiting jobs start one after the other when the running ones have ended', () => {
  const [, first, second] = estimateQueue(
    [measuring, queued, { ...queued, id: 'waits longer' }],
    [past],
    NOW_MS,
  );

  expect(first).toMatchObject({
    jobId: 'waits',
    position: 1,
    estimatedStartAt: at(15),
    estimatedEndAt: at(15 + 24),
  });
  expect(second).toMatchObject({
    jobId: 'waits longer',
    position: 2,
    estimatedStartAt: at(39),
    estimatedEndAt: at(39 + 24),
  });
});

test('two running jobs leave two places', () => {
  const entries = estimateQueue(
    [measuring, building, queued, { ...queued, id: 'waits longer' }],
    [past],
    NOW_MS,
  );

  expect(entries.map(({ estimatedStartAt }) => estimatedStartAt)).toEqual([
    null,
    null,
    at(15),
    at(20),
  ]);
});

test('the estimate is missing without an earlier job or without a running worker', () => {
  const unknown = { estimatedStartAt: null, estimatedEndAt: null };

  expect(estimateQueue([building, queued], [], NOW_MS)).toMatchObject([
    unknown,
    { ...unknown, position: 1 },
  ]);
  expect(estimateQueue([queued], [past], NOW_MS)).toMatchObject([{ ...unknown, position: 1 }]);
});

test('a job behind one with an unknown end has an unknown start', () => {
  const entries = estimateQueue([measuring, queued, { ...queued, id: 'waits longer' }], [], NOW_MS);

  expect(entries.map(({ estimatedStartAt }) => estimatedStartAt)).toEqual([null, at(15), null]);
});

test('a job that measures until its comparisons are decided takes the time expected by its plan', () => {
  const untilDecided = { blocks: 768, measureSeconds: 40 };
  const [measured, built, waits] = estimateQueue(
    [
      { ...measuring, ...untilDecided },
      { ...building, ...untilDecided },
      { ...queued, ...untilDecided },
    ],
    [past],
    NOW_MS,
  );

  expect(measured!.estimatedEndAt).toBe(at(-20 + 40));
  expect(built!.estimatedEndAt).toBe(at(6 + 40));
  expect(waits).toMatchObject({ estimatedStartAt: at(20), estimatedEndAt: at(20 + 10 + 40) });
  expect(
    estimateQueue([{ ...measuring, blocks: 768, measureSeconds: 15 }], [], NOW_MS)[0]!
      .estimatedEndAt,
  ).toBe(at(0));
});
