// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { compareJob, suspectsRegression } from '#domain/comparison.js';
import { metricNamed } from '#domain/metric-values.js';
import { BLOCKS, SAME, samplesOf, SLOWER_STATIC, twoSidedPlan } from '#support/side-samples.js';

describe('a comparison by another metric', () => {
  const cpu =
    (userNs: (sample: Sample) => number) =>
    (sample: Sample): Sample => ({ ...sample, userNs: String(userNs(sample)) });
  const slowHead = ({ side: sampleSide, variant, block }: Sample) =>
    (sampleSide === 'head' && variant === 'static' ? 3000 : 1500) + block;

  test('has sides, changes and thresholds of that metric, in its direction', () => {
    const all = samplesOf(SAME, 1, BLOCKS).map(cpu(slowHead));
    const { sides, changes, unit } = compareJob(
      'j',
      twoSidedPlan({ thresholds: [{ metric: 'userNs', threshold: 0.5 }] }),
      all,
      { metric: metricNamed('userNs') },
    );
    expect([
      unit,
      sides.map(({ variant, threshold, suspected }) => [variant, threshold, suspected]),
    ]).toEqual([
      'ns',
      [
        ['none', 0.5, false],
        ['static', 0.5, true],
      ],
    ]);
    expect(changes[0]!.ratio.ratio).toBeCloseTo(2, 2);
    const speed = {
      name: 'speed',
      unit: 'MB/s',
      direction: 'larger-is-better' as const,
      description: '',
    };
    const faster = all.map((sample) => ({
      ...sample,
      metrics: [{ name: 'speed', value: slowHead(sample), unit: 'MB/s' }],
    }));
    expect(compareJob('j', twoSidedPlan(), faster, { metric: speed }).sides[1]).toMatchObject({
      verdict: 'improvement',
    });
  });

  test('suspects a regression of any metric with a threshold, and of no other metric', () => {
    const workload = WorkloadDefinition.parse({
      name: 'w',
      summary: '',
      targets: ['x86_64-softmmu'],
      run: { arguments: [], exitStatus: 0, timeoutSeconds: 1 },
      metrics: [{ name: 'speed', unit: 'MB/s', direction: 'larger', description: '' }],
    });
    const slower = samplesOf(SAME, 1, BLOCKS)
      .map(cpu(slowHead))
      .map((sample) => ({
        ...sample,
        metrics: [{ name: 'speed', value: 1e6 / slowHead(sample), unit: 'MB/s' }],
      }));
    const suspected = (metric: string, blocks = slower) =>
      suspectsRegression(twoSidedPlan({ thresholds: [{ metric, threshold: 0.05 }] }), blocks, {
        workloads: [workload],
      });

    expect(suspectsRegression(twoSidedPlan(), slower, { workloads: [workload] })).toBe(false);
    expect(['userNs', 'speed', 'maxRssBytes'].map((metric) => suspected(metric))).toEqual([
      true,
      true,
      false,
    ]);
    expect(suspected('userNs', slower.slice(0, -1))).toBe(false);
    expect(
      suspectsRegression(
        twoSidedPlan({ thresholds: [{ metric: 'userNs', threshold: 2 }] }),
        slower,
        {
          workloads: [workload],
        },
      ),
    ).toBe(false);
    const both = [...slower, ...samplesOf(SAME, BLOCKS + 1, 2 * BLOCKS).map(cpu(slowHead))];
    expect(
      compareJob('j', twoSidedPlan({ thresholds: [{ metric: 'userNs', threshold: 0.05 }] }), both, {
        metric: metricNamed('userNs'),
      }).sides[1],
    ).toMatchObject({ verdict: 'regression', suspected: false });
  });

  describe('instructions counted separately', () => {
    const judging = twoSidedPlan({
      thresholds: [{ metric: 'hostInstructions', threshold: 0.001 }],
    });
    const timed = samplesOf(SAME, 1, BLOCKS);
    /**
     * Repetitions `from` to `to`, in which head's `static` executes `times` times the instructions.
     */
    const counted = (times: number, from: number, to: number): Sample[] =>
      samplesOf(SAME, from, to).map((sample) => ({
        ...sample,
        kind: 'instructions',
        hostInstructions: String(
          Math.round(64e6 * (sample.variant === 'static' && sample.side === 'head' ? times : 1)) +
            (sample.block % 3),
        ),
      }));
    const compared = (jobPlan: JobPlan, ...parts: Sample[][]) =>
      compareJob('j', jobPlan, timed, {
        metric: metricNamed('hostInstructions'),
        counted: parts.flat(),
      }).sides[1]!;

    test(
      'are judged like any metric with a threshold: suspected by a first batch, confirmed by a ' +
        'second',
      () => {
        const [first, second] = [counted(1.003, 1, BLOCKS), counted(1.003, BLOCKS + 1, 2 * BLOCKS)];

        expect(suspectsRegression(judging, timed)).toBe(false);
        expect(suspectsRegression(judging, timed, { counted: first })).toBe(true);
        expect(suspectsRegression(judging, timed, { counted: counted(1.0005, 1, BLOCKS) })).toBe(
          false,
        );
        expect(compared(judging, first)).toMatchObject({
          verdict: 'inconclusive',
          suspected: true,
          confirmation: null,
        });
        expect(compared(judging, first, second)).toMatchObject({
          verdict: 'regression',
          blocks: BLOCKS,
          confirmation: { verdict: 'regression', blocks: BLOCKS },
        });
        expect(compared(judging, first, counted(1, BLOCKS + 1, 2 * BLOCKS))).toMatchObject({
          verdict: 'inconclusive',
          confirmation: { verdict: 'no-change' },
        });
        expect(compared(judging, counted(1, 1, BLOCKS))).toMatchObject({ verdict: 'no-change' });
      },
    );

    test('are not judged by an incomplete batch', () => {
      const first = counted(1.003, 1, BLOCKS);

      expect(
        compared(
          judging,
          first.filter(({ block }) => block < BLOCKS),
        ),
      ).toMatchObject({ verdict: null, suspected: false });
      expect(compared(judging, first, counted(1.003, BLOCKS + 1, 2 * BLOCKS - 1))).toMatchObject({
        suspected: true,
        confirmation: null,
      });
    });

    test('do not lead to a suspicion by time', () => {
      const slower = samplesOf(SLOWER_STATIC, 1, BLOCKS);
      expect(suspectsRegression(judging, slower)).toBe(true);
      expect(suspectsRegression(judging, slower, { counted: counted(1, 1, BLOCKS) })).toBe(false);
    });

    test('are shown without a verdict if they have no threshold', () => {
      expect(compared(twoSidedPlan(), counted(1.003, 1, 2))).toMatchObject({
        verdict: 'inconclusive',
        suspected: false,
        blocks: 2,
      });
    });
  });

  test(
    'omits the row of a metric without values on one side, and confirms nothing by counted ' +
      'instructions',
    () => {
      const counted = samplesOf(SAME, 1, 2).map((sample) => ({
        ...sample,
        kind: 'instructions' as const,
        hostInstructions:
          sample.variant === 'none' ? '1000' : sample.side === 'head' ? '2000' : null,
      }));
      const { sides, changes } = compareJob(
        'j',
        twoSidedPlan(),
        [
          ...samplesOf(SLOWER_STATIC, 1, BLOCKS),
          ...samplesOf(SLOWER_STATIC, BLOCKS + 1, 2 * BLOCKS),
        ],
        { metric: metricNamed('hostInstructions'), counted },
      );
      expect(
        sides.map(({ variant, ratio, confirmation }) => [variant, ratio.ratio, confirmation]),
      ).toEqual([['none', 1, null]]);
      expect(changes).toEqual([]);
    },
  );
});
