// SPDX-License-Identifier: GPL-2.0-or-later
import type { Sample } from '#contract/sample.js';
import { isSpent, spentSeconds, undecided } from '#domain/decisions.js';
import { random } from '#statistics/random.js';
import {
  onBothSides,
  plannedWorkload,
  planUntilDecided,
  TWO_SIDES,
  variantOf,
} from '#support/job-plan.js';
import { sampleOf } from '#support/sample.js';
import { normalDraw } from '#support/draws.js';
import {
  measure,
  measuredBlocks,
  nextBlock,
  runBlock,
  type RunMs,
} from '#support/simulated-job.js';

const MODES = [variantOf('none'), variantOf('idle')];
const withBase = (details = {}) =>
  planUntilDecided({ sides: TWO_SIDES, variants: onBothSides(MODES), ...details });
const withoutBase = (details = {}) => planUntilDecided({ variants: MODES, ...details });

/** Runs of 100 ms with noise, times a factor per variant and side. */
const noisy = (
  noiseSd: number,
  factor: (variant: string, side: string) => number,
  seed = 1,
): RunMs => {
  const next = random(seed);
  return ({ variant, side }) => 100 * factor(variant, side) * Math.exp(noiseSd * normalDraw(next));
};
const named = (comparisons: ReturnType<typeof undecided>) =>
  comparisons.map(({ about, variant }) => `${about} ${variant}`);

describe('a comparison of head with base', () => {
  const equal = noisy(0.002, () => 1);

  test('is checked after 16 blocks and then after every fourth', () => {
    const samples = measuredBlocks(withBase(), 24, equal);
    const openAfter = (blocks: number) =>
      undecided(
        withBase(),
        samples.filter(({ block }) => block <= blocks),
      ).length;

    expect([0, 1, 15, 16, 17].map(openAfter)).toEqual([3, 3, 3, 0, 0]);
  });

  test('stays open between checks, as it was at the last one', () => {
    const [slow, quick] = [noisy(0, (_, side) => (side === 'head' ? 2 : 1)), noisy(0, () => 1)];
    // One block against fifteen cannot decide a difference among five; the next four decide.
    const mixed: RunMs = (run, block) => (block === 3 ? quick : slow)(run, block);
    const samples = measuredBlocks(withBase(), 24, mixed);
    const openAfter = (blocks: number) =>
      named(
        undecided(
          withBase(),
          samples.filter(({ block }) => block <= blocks),
        ),
      );

    expect(openAfter(16)).toEqual(['variant none', 'variant idle']);
    for (const blocks of [17, 18, 19]) expect(openAfter(blocks)).toEqual(openAfter(16));
    expect(openAfter(24)).not.toContain('variant none');
  });

  test('is decided as a difference only if its p value, adjusted over all comparisons, allows it', () => {
    const slower = noisy(0, (variant, side) => (variant === 'idle' && side === 'head' ? 1.1 : 1));

    expect(named(undecided(withBase(), measuredBlocks(withBase(), 16, slower)))).toEqual([
      'variant idle',
      'change idle',
    ]);
    expect(undecided(withBase(), measuredBlocks(withBase(), 20, slower))).toEqual([]);
  });

  test('waits for every metric with a threshold, and not for a metric without values', () => {
    const naming = (metric: string) => withBase({ thresholds: [{ metric, threshold: 0.02 }] });
    const samples = measuredBlocks(withBase(), 16, equal);
    const next = random(3);
    const scattered = samples.map((sample) => ({
      ...sample,
      userNs: String(1000 + Math.floor(9000 * next())),
      metrics: [{ name: 'speed', value: next() < 0.5 ? 1 : 3, unit: 'MB/s' }],
    }));

    expect(undecided(naming('maxRssBytes'), samples)).toEqual([]);
    expect(undecided(naming('userNs'), scattered)).toHaveLength(3);
    expect(undecided(naming('speed'), scattered)).toHaveLength(3);
    expect(undecided(naming('speed'), samples)).toEqual([]);
    expect(undecided(naming('systemNs'), samples)).toEqual([]);
    expect(undecided(naming('hostInstructions'), samples)).toEqual([]);
  });

  test('uses the threshold of its workload', () => {
    const slower = measuredBlocks(
      withBase(),
      16,
      noisy(0, (_, side) => (side === 'head' ? 1.03 : 1)),
    );

    expect(undecided(withBase({ threshold: 0.05 }), slower)).toEqual([]);
    expect(undecided(withBase({ threshold: 0.0299 }), slower)).not.toEqual([]);
    expect(
      undecided(withBase({ thresholds: [{ workload: 'w', threshold: 0.05 }] }), slower),
    ).toEqual([]);
  });
});

describe('an overhead', () => {
  test(
    'is decided once it has a verdict and an interval within the threshold, or a tenth of the ' +
      'overhead, on either side',
    () => {
      const openAfter = (blocks: number, factor: number) =>
        undecided(
          withoutBase(),
          measuredBlocks(
            withoutBase(),
            blocks,
            noisy(0.04, (variant) => (variant === 'idle' ? factor : 1)),
          ),
        ).length;

      expect([20, 60, 300].map((blocks) => openAfter(blocks, 1.1))).toEqual([1, 1, 0]);
      expect([20, 60, 300].map((blocks) => openAfter(blocks, 1.5))).toEqual([1, 0, 0]);
      const exact = measuredBlocks(
        withoutBase(),
        16,
        noisy(0, (variant) => (variant === 'idle' ? 1.5 : 1)),
      );
      expect(undecided(withoutBase(), exact)).toEqual([]);
    },
  );
});

describe('a job that measures until its comparisons are decided', () => {
  const plan = withBase({
    seed: 11,
    workloads: [plannedWorkload('w'), plannedWorkload('v')],
  });
  // A run's time depends only on its place, as if the same machine continued after a crash.
  const runMs: RunMs = (run, block) =>
    (run.variant === 'idle' && run.side === 'head' ? 106 : 100) *
    Math.exp(0.03 * normalDraw(random(block, run.position, run.workload === 'w' ? 1 : 2)));

  test('runs after a crash what it would have run without one', () => {
    const whole = measure(plan, runMs);
    const blocks = whole.at(-1)!.block;
    expect(blocks).toBeGreaterThan(30);

    for (const crashed of [1, 15, 16, 17, blocks - 2]) {
      const stored = whole.filter(({ block }) => block <= crashed);
      const resumed = measure(plan, runMs, [...stored].reverse());
      expect(resumed.slice(stored.length)).toEqual(whole.slice(stored.length));
    }
  });

  test('stops running a decided comparison', () => {
    const whole = measure(plan, runMs);
    const last = (variant: string, workload: string) =>
      Math.max(
        ...whole
          .filter((sample) => sample.variant === variant && sample.workload === workload)
          .map(({ block }) => block),
      );

    const ends = ['none', 'idle'].flatMap((variant) => ['w', 'v'].map((w) => last(variant, w)));
    expect(new Set(ends).size).toBeGreaterThan(1);
    expect(undecided(plan, whole)).toEqual([]);
    expect(nextBlock(plan, whole)).toBeNull();
  });

  test('ends when its time or its blocks are spent, although a comparison is open', () => {
    const scattered = noisy(0.5, () => 1);
    const short = measure(withBase({ withinSeconds: 10 }), scattered);
    expect(undecided(withBase(), short)).not.toEqual([]);
    expect(spentSeconds(short)).toBeGreaterThanOrEqual(10);
    expect(spentSeconds(short.filter(({ block }) => block < short.at(-1)!.block))).toBeLessThan(10);

    const few = measure(withBase({ blocks: 20 }), scattered);
    expect(few.at(-1)!.block).toBe(20);
  });
});

describe('the measured time of a job', () => {
  const at = (block: number, seconds: number, wallMs: number): Sample =>
    sampleOf({
      block,
      startedAt: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
      wallNs: String(wallMs * 1e6),
    });

  test('sums its measured blocks, without the warm-up and the gaps between blocks', () => {
    const samples = [
      at(0, 0, 9000),
      at(1, 10.5, 1000),
      at(1, 10, 250),
      at(2, 100, 500),
      at(2, 101, 750),
    ];

    expect(spentSeconds(samples)).toBeCloseTo(1.5 + 1.75, 9);
    expect(spentSeconds([])).toBe(0);
    expect(isSpent(withBase({ withinSeconds: 3 }), samples)).toBe(true);
    expect(isSpent(withBase({ withinSeconds: 4 }), samples)).toBe(false);
    expect(isSpent(withBase({ withinSeconds: 4, blocks: 2 }), samples)).toBe(true);
  });

  test('never ends a job with a fixed number of blocks', () => {
    expect(isSpent(withBase({ withinSeconds: null, blocks: 6 }), [at(12, 0, 1e6)])).toBe(false);
  });

  test('includes the gaps between adjacent runs', () => {
    const runs = runBlock(nextBlock(withBase(), [])!, 1, () => 100);

    expect(spentSeconds(runs)).toBeCloseTo(4 * 0.1 + 3 * 0.03, 9);
  });
});
