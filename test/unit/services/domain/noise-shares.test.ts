// SPDX-License-Identifier: GPL-2.0-or-later
import { noiseShares } from '#domain/noise-shares.js';

const noise = {
  stealNs: '123456789',
  pressureNs: { cpu: '2000000000', io: '0', memory: null },
  load: 1.25,
  frequencyHz: 3e9,
};
const at = new Date('2026-01-02T03:04:59.999Z');

test('noise is shares of the run in steps of 0.001, and the minute of its start', () => {
  expect(noiseShares({ at, wallNs: '1000000000', noise })).toEqual({
    at: '2026-01-02T03:04:00.000Z',
    stealShare: 0.123,
    pressureShare: { cpu: 1, io: 0, memory: null },
    load: 1.25,
    frequencyHz: 3e9,
  });
});

test('runs whose durations differ by less than the step look the same', () => {
  const shown = (wallNs: string) => JSON.stringify(noiseShares({ at, wallNs, noise }));

  expect(shown('1000000000')).toBe(shown('1000500000'));
});

test('a run without a duration has no shares', () => {
  expect(noiseShares({ at, wallNs: '0', noise })).toMatchObject({
    stealShare: null,
    pressureShare: { cpu: null, io: null, memory: null },
  });
});
