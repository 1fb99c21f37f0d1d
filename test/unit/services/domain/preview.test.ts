// SPDX-License-Identifier: GPL-2.0-or-later
import { previewWords } from '#contract/preview-words.js';
import { planJob } from '#domain/plan.js';
import { previewOf } from '#domain/preview.js';
import { CATALOGUE, planRequest } from '#support/plan-request.js';

const DIGEST = `sha256:${'0'.repeat(64)}`;
const SWEEP = {
  instrumentation: DIGEST,
  variants: ['none', 'dynamic', 'static'],
  sweep: { writes: [10, 100, 1000] },
};
const previewed = (changes: object, secondsPerBuild: number | null = null, guests: object[] = []) =>
  previewOf(
    planJob(planRequest(changes), CATALOGUE, 1),
    guests as unknown as Parameters<typeof previewOf>[1],
    secondsPerBuild,
  );

test('a preview counts different builds, libraries and runs, and says what it assumes', () => {
  const preview = previewed(SWEEP, 30);

  expect(preview).toMatchObject({ builds: 3, libraries: 1, buildSeconds: 90, assumed: true });
  expect(previewWords(preview).slice(0, 3)).toEqual([
    '3 variants with 3 workloads',
    '3 builds, and 1 library: about 1 min 30 s if none is cached',
    `${preview.runsPerBlock} runs a block, at most 3000 in at most 5 min, if a run takes 0.1 s`,
  ]);
});

test('a sweep of events has a build per event and mode', () => {
  const { builds, libraries } = previewed({ ...SWEEP, sweep: 'events' });

  // none, and two events in each of two modes
  expect([builds, libraries]).toEqual([5, 2]);
});

test('the time of a fixed number of blocks follows from how long a guest runs', () => {
  const guests = [
    { workload: 'port-writes', runSeconds: 0.5, noiseSd: 0.01, hostFingerprint: 'h' },
  ];
  const preview = previewed({ variants: ['none', 'idle'], blocks: 8 }, null, guests);

  expect(preview.assumed).toBe(false);
  expect(preview.measureSeconds).toBeCloseTo(8 * preview.runsPerBlock * 0.5, -1);
  expect(previewWords(preview)[1]).toBe(
    '2 builds: no estimate: nothing was built for this target yet',
  );
});

test('a time in which nothing can be decided is named with the time that it takes', () => {
  const short = { ...SWEEP, measure: { within: '10s' } };
  const { blocksWithin, fewestBlocks } = previewed(short);

  expect(blocksWithin!).toBeLessThan(fewestBlocks!);
  expect(previewWords(previewed(short)).at(-1)).toMatch(
    /fit in 10 s, and a difference is decided after \d+ at the earliest: raise measure.within to/,
  );
  expect(previewWords(previewed({ variants: ['none', 'idle'] })).join()).not.toContain('raise');
});
