// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { batchOf, blocksOfBatch } from '#domain/batches.js';
import { compareJob, suspectsRegression } from '#domain/comparison.js';
import { metricNamed } from '#domain/metric-values.js';
import { onBothSides, TWO_SIDES, variantOf } from '#support/job-plan.js';
import { BLOCKS, SAME, samplesOf, SLOWER_STATIC, twoSidedPlan } from '#support/side-samples.js';

describe('a job with a base', () => {
  test("compares head with base by variant, each side's overhead, and how the overhead changed", () => {
    const { sides, changes, rows } = compareJob(
      'j',
      twoSidedPlan(),
      samplesOf({ none: 110, static: 165, 'none@base': 100, 'static@base': 150 }, 1, BLOCKS),
    );
    expect(
      rows.map(({ variant, side: rowSide, ratio }) => [
        variant,
        rowSide,
        ratio === null ? null : Number(ratio.ratio.toFixed(2)),
      ]),
    ).toEqual([
      ['none', 'head', null],
      ['static', 'head', 1.5],
      ['none', 'base', null],
      ['static', 'base', 1.5],
    ]);
    expect(sides.map(({ variant, ratio }) => [variant, Number(ratio.ratio.toFixed(2))])).toEqual([
      ['none', 1.1],
      ['static', 1.1],
    ]);
    expect(sides[0]!.headMedian / 1e6).toBeCloseTo(110, 0);
    // head is slower as a whole, which does not change the cost of instrumentation
    expect(
      changes.map(({ variant, verdict, ratio }) => [
        variant,
        verdict,
        Number(ratio.ratio.toFixed(2)),
      ]),
    ).toEqual([['static', 'no-change', 1]]);
  });

  test('suspects a regression after one batch, and confirms it by a second batch', () => {
    const first = samplesOf(SLOWER_STATIC, 1, BLOCKS);
    expect(suspectsRegression(twoSidedPlan(), first)).toBe(true);
    expect(compareJob('j', twoSidedPlan(), first).sides[1]).toMatchObject({
      verdict: 'inconclusive',
      suspected: true,
      confirmation: null,
    });
    const both = compareJob('j', twoSidedPlan(), [
      ...first,
      ...samplesOf(SLOWER_STATIC, BLOCKS + 1, 2 * BLOCKS),
    ]);
    expect(both.sides[1]).toMatchObject({
      verdict: 'regression',
      suspected: false,
      blocks: BLOCKS,
      confirmation: { verdict: 'regression', blocks: BLOCKS },
    });
    expect(both.changes[0]).toMatchObject({ verdict: 'regression' });
    expect(both.sides[0]).toMatchObject({ verdict: 'no-change', suspected: false });
    expect(both.sides[1]!.confirmation!.ratio).not.toEqual(both.sides[1]!.ratio);
  });

  test('reverts a suspicion to inconclusive if the second batch disagrees', () => {
    const both = compareJob('j', twoSidedPlan(), [
      ...samplesOf(SLOWER_STATIC, 1, BLOCKS),
      ...samplesOf(SAME, BLOCKS + 1, 2 * BLOCKS),
    ]);
    expect(both.sides[1]).toMatchObject({
      verdict: 'inconclusive',
      suspected: true,
      confirmation: { verdict: 'no-change' },
    });
  });

  test('judges no batch before it is complete, and never pools batches', () => {
    const partial = samplesOf(SLOWER_STATIC, 1, BLOCKS - 1);
    expect(suspectsRegression(twoSidedPlan(), partial)).toBe(false);
    expect(compareJob('j', twoSidedPlan(), partial).sides[1]).toMatchObject({
      verdict: null,
      suspected: false,
      blocks: BLOCKS - 1,
    });
    const more = compareJob('j', twoSidedPlan(), [
      ...samplesOf(SLOWER_STATIC, 1, BLOCKS),
      ...samplesOf(SLOWER_STATIC, BLOCKS + 1, 2 * BLOCKS - 1),
    ]);
    expect(more.sides[1]).toMatchObject({ suspected: true, confirmation: null, blocks: BLOCKS });
  });

  test('does not suspect the cost of instrumentation, nor an improvement', () => {
    expect(suspectsRegression(twoSidedPlan(), samplesOf(SAME, 1, BLOCKS))).toBe(false);
    expect(suspectsRegression(twoSidedPlan(), samplesOf({ ...SAME, static: 140 }, 1, BLOCKS))).toBe(
      false,
    );
    expect(
      compareJob('j', twoSidedPlan(), samplesOf({ ...SAME, static: 140 }, 1, BLOCKS)).sides[1],
    ).toMatchObject({ verdict: 'improvement' });
  });

  test('adjusts p values for all comparisons of the job', () => {
    const { rows, sides, changes } = compareJob('j', twoSidedPlan(), samplesOf(SAME, 1, BLOCKS));
    const all = [...rows.filter(({ ratio }) => ratio !== null), ...sides, ...changes];
    expect(all).toHaveLength(5);
    const largest = Math.max(...all.map(({ pValue }) => pValue!));
    expect(Math.max(...all.map(({ adjustedP }) => adjustedP!))).toBe(largest);
    const smallest = Math.min(...all.map(({ pValue }) => pValue!));
    expect(Math.min(...all.map(({ adjustedP }) => adjustedP!))).toBeGreaterThan(2 * smallest);
  });

  test("judges by the job's threshold, or by the last matching override", () => {
    const verdictWith = (changes: Partial<JobPlan>) =>
      compareJob('j', twoSidedPlan(changes), samplesOf(SLOWER_STATIC, 1, BLOCKS)).sides[1]!;
    expect(verdictWith({ threshold: 0.2 })).toMatchObject({ threshold: 0.2, verdict: 'no-change' });
    expect(verdictWith({ thresholds: [{ workload: 'w', threshold: 0.2 }] })).toMatchObject({
      threshold: 0.2,
      verdict: 'no-change',
    });
    expect(
      verdictWith({
        threshold: 0.2,
        thresholds: [
          { metric: 'wallNs', threshold: 0.05 },
          { workload: 'other', threshold: 0.5 },
        ],
      }),
    ).toMatchObject({ threshold: 0.05, suspected: true });
    expect(
      verdictWith({
        thresholds: [
          { workload: 'w', threshold: 0.2 },
          { workload: 'w n=1', metric: 'wallNs', threshold: 0.03 },
        ],
      }).threshold,
    ).toBe(0.03);
  });
});

test('a second batch continues the numbering of the first', () => {
  const sized = twoSidedPlan({ blocks: 6 });
  expect(blocksOfBatch(sized, 2)).toEqual([7, 8, 9, 10, 11, 12]);
  expect([0, 1, 6, 7, 12].map((block) => batchOf(sized, block))).toEqual([1, 1, 1, 2, 2]);
});

describe('a job whose builds were linked once', () => {
  const once = (samplesOfBlocks: Sample[]) =>
    samplesOfBlocks.map((sample) => ({ ...sample, link: null }));

  test('suspects a regression of these two binaries, and a second batch of the same confirms nothing', () => {
    const both = once([
      ...samplesOf(SLOWER_STATIC, 1, BLOCKS),
      ...samplesOf(SLOWER_STATIC, BLOCKS + 1, 2 * BLOCKS),
    ]);

    const { sides, rows, changes } = compareJob('j', twoSidedPlan(), both);
    expect(sides[1]).toMatchObject({
      oneBuild: true,
      verdict: 'inconclusive',
      suspected: true,
      confirmation: { verdict: 'regression' },
    });
    expect(changes[0]).toMatchObject({ oneBuild: true, verdict: 'inconclusive', suspected: true });
    expect(rows[1]).toMatchObject({ oneBuild: true });
    expect(sides[0]).toMatchObject({ oneBuild: true, verdict: 'no-change' });
    const linked = compareJob('j', twoSidedPlan(), samplesOf(SLOWER_STATIC, 1, BLOCKS));
    expect(linked.sides[1]).toMatchObject({ oneBuild: false });
  });

  test('confirms counted instructions, which do not depend on layout', () => {
    const counted = once([
      ...samplesOf(SAME, 1, BLOCKS),
      ...samplesOf(SAME, BLOCKS + 1, 2 * BLOCKS),
    ]).map((sample) => ({
      ...sample,
      hostInstructions: String(
        (sample.variant === 'static' && sample.side === 'head' ? 1_100_000 : 1_000_000) +
          (sample.block % 3),
      ),
    }));

    expect(
      compareJob('j', twoSidedPlan(), counted, { metric: metricNamed('hostInstructions') })
        .sides[1],
    ).toMatchObject({ oneBuild: false, verdict: 'regression', suspected: false });
  });

  test('behaves the same if only one side was linked once', () => {
    const mixed = samplesOf(SLOWER_STATIC, 1, BLOCKS).map((sample) =>
      sample.side === 'base' ? { ...sample, link: 0 } : sample,
    );
    expect(compareJob('j', twoSidedPlan(), mixed).sides[1]).toMatchObject({ oneBuild: true });
  });
});

describe('binaries that are equal byte for byte', () => {
  const equal = (jobPlan: JobPlan, slower: Record<string, number> = SLOWER_STATIC) =>
    compareJob(
      'j',
      jobPlan,
      samplesOf(slower, 1, BLOCKS).map((sample) => ({ ...sample, buildKey: 'one' })),
    );

  test('are not judged, neither by variant nor by overhead', () => {
    const { sides, changes } = equal(twoSidedPlan());

    expect([...sides, ...changes].map(({ verdict, suspected }) => [verdict, suspected])).toEqual([
      ['same-binary', false],
      ['same-binary', false],
      ['same-binary', false],
    ]);
    expect(
      suspectsRegression(
        twoSidedPlan(),
        samplesOf(SLOWER_STATIC, 1, BLOCKS).map((sample) => ({ ...sample, buildKey: 'one' })),
      ),
    ).toBe(false);
  });

  test('are judged if they load different instrumentation', () => {
    const other = {
      ...TWO_SIDES,
      base: { ...TWO_SIDES.base, instrumentation: `sha256:${'0'.repeat(64)}` },
    };
    const dynamic = twoSidedPlan({
      sides: other,
      variants: onBothSides([variantOf('none'), variantOf('dynamic', { name: 'static' })]),
    });

    const { sides, changes } = equal(dynamic);
    expect(sides.map(({ verdict, suspected }) => [verdict, suspected])).toEqual([
      ['same-binary', false],
      ['inconclusive', true],
    ]);
    expect(changes[0]).toMatchObject({ suspected: true });
  });
});

describe('processor time as a second opinion', () => {
  const busy = (head: number) =>
    samplesOf(SLOWER_STATIC, 1, BLOCKS).map((sample) => ({
      ...sample,
      systemNs: String(
        Math.round((sample.side === 'head' ? head : 1) * 50e6) + sample.block * 1000,
      ),
    }));
  const opinion = (head: number, wall: 'static' | 'none' = 'static') =>
    compareJob('j', twoSidedPlan(), busy(head)).sides.find(({ variant }) => variant === wall)!;

  test('tells which of the two times moved', () => {
    expect(opinion(1)).toMatchObject({ moved: 'wall' });
    expect(opinion(1.1)).toMatchObject({ moved: 'both' });
    expect(opinion(1.1).processor!.ratio).toBeCloseTo(1.1, 3);
    expect(opinion(1.1, 'none')).toMatchObject({ moved: 'processor' });
    expect(opinion(1, 'none')).toMatchObject({ moved: 'neither' });
  });

  test('covers wall time only, including overheads', () => {
    const { rows } = compareJob('j', twoSidedPlan(), busy(1));
    expect(rows[1]).toMatchObject({ moved: 'wall' });
    expect(rows[0]).toMatchObject({ processor: null, moved: null });
    const bySystem = compareJob('j', twoSidedPlan(), busy(1.1), {
      metric: metricNamed('systemNs'),
    });
    expect(bySystem.sides[0]).toMatchObject({ processor: null, moved: null });
    expect(bySystem.changes[0]).toMatchObject({ processor: null, moved: null });
  });
});
