import { JobPlan } from '../../../services/contract/job.js';
import type { Sample } from '../../../services/contract/sample.js';
import { WorkloadDefinition } from '../../../services/contract/workload.js';
import { batchOf, blocksOfBatch } from '../../../services/domain/batches.js';
import { blockOrder } from '../../../services/domain/blocks.js';
import {
  advisoryReasons,
  calibrate,
  sameComparisons,
} from '../../../services/domain/calibration.js';
import { compareJob, suspectsRegression } from '../../../services/domain/comparison.js';
import { metricNamed } from '../../../services/domain/metric-values.js';
import { random } from '../../../services/statistics/random.js';

const BLOCKS = 12;
const side = {
  qemu: { version: '7.2', target: 'x86_64-softmmu', patches: null },
  events: [],
  instrumentation: null,
};
const variants = (['head', 'base'] as const).flatMap((of) =>
  (['none', 'static'] as const).map((mode) => ({
    name: mode,
    side: of,
    mode,
    backend: null,
    trace: false,
  })),
);
const plan = (changes: object = {}): JobPlan =>
  JobPlan.parse({
    events: [],
    sides: { head: side, base: side, same: false },
    variants,
    workloads: [{ label: 'w n=1', name: 'w', parameters: {}, timeoutSeconds: 1 }],
    blocks: BLOCKS,
    batches: 2,
    seed: 1,
    ...changes,
  });

/** Samples of blocks `from` to `to`: what a variant of a side takes, with 0.2 % of noise. */
function samples(times: Record<string, number>, from: number, to: number): Sample[] {
  const next = random(3, from);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((block) =>
    Object.entries(times).map(([key, time]): Sample => {
      const [variant, of] = key.split('@') as [string, Sample['side']?];
      return {
        kind: 'timed',
        hostInstructions: null,
        guestInstructions: null,
        noise: null,
        id: `${key}${block}`,
        variant,
        side: of ?? 'head',
        workload: 'w n=1',
        batch: batchOf(plan(), block),
        block,
        position: 0,
        userNs: '0',
        systemNs: '0',
        maxRssBytes: '0',
        wallNs: String(Math.round(time * 1e6 * (1 + 0.004 * (next() - 0.5)))),
        exitStatus: 0,
        metrics: [],
        events: null,
        recordsStored: null,
        recordsDropped: null,
        traceId: null,
        hostFingerprint: 'h1',
        buildKey: 'k',
        startedAt: '2024-01-01T00:00:00Z',
      };
    }),
  );
}
const SAME = { none: 100, static: 150, 'none@base': 100, 'static@base': 150 };
const SLOWER_STATIC = { ...SAME, static: 165 };

describe('a job with a base', () => {
  test("compares head with base by variant, each side's overhead, and how the overhead changed", () => {
    const { sides, changes, rows } = compareJob(
      'j',
      plan(),
      samples({ none: 110, static: 165, 'none@base': 100, 'static@base': 150 }, 1, BLOCKS),
    );
    expect(
      rows.map(({ variant, side: of, ratio }) => [
        variant,
        of,
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
    // head is slower as a whole: that is no change of what the instrumentation costs
    expect(
      changes.map(({ variant, verdict, ratio }) => [
        variant,
        verdict,
        Number(ratio.ratio.toFixed(2)),
      ]),
    ).toEqual([['static', 'no-change', 1]]);
  });

  test('suspects a regression after one batch, and calls it one when a second batch does', () => {
    const first = samples(SLOWER_STATIC, 1, BLOCKS);
    expect(suspectsRegression(plan(), first)).toBe(true);
    expect(compareJob('j', plan(), first).sides[1]).toMatchObject({
      verdict: 'inconclusive',
      suspected: true,
      confirmation: null,
    });
    const both = compareJob('j', plan(), [
      ...first,
      ...samples(SLOWER_STATIC, BLOCKS + 1, 2 * BLOCKS),
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

  test('takes a suspicion back to inconclusive when the second batch does not agree', () => {
    const both = compareJob('j', plan(), [
      ...samples(SLOWER_STATIC, 1, BLOCKS),
      ...samples(SAME, BLOCKS + 1, 2 * BLOCKS),
    ]);
    expect(both.sides[1]).toMatchObject({
      verdict: 'inconclusive',
      suspected: true,
      confirmation: { verdict: 'no-change' },
    });
  });

  test('judges neither batch before it is complete, and never pools them', () => {
    const partial = samples(SLOWER_STATIC, 1, BLOCKS - 1);
    expect(suspectsRegression(plan(), partial)).toBe(false);
    expect(compareJob('j', plan(), partial).sides[1]).toMatchObject({
      verdict: null,
      suspected: false,
      blocks: BLOCKS - 1,
    });
    const more = compareJob('j', plan(), [
      ...samples(SLOWER_STATIC, 1, BLOCKS),
      ...samples(SLOWER_STATIC, BLOCKS + 1, 2 * BLOCKS - 1),
    ]);
    expect(more.sides[1]).toMatchObject({ suspected: true, confirmation: null, blocks: BLOCKS });
  });

  test('does not suspect what the instrumentation costs, nor an improvement', () => {
    expect(suspectsRegression(plan(), samples(SAME, 1, BLOCKS))).toBe(false);
    expect(suspectsRegression(plan(), samples({ ...SAME, static: 140 }, 1, BLOCKS))).toBe(false);
    expect(
      compareJob('j', plan(), samples({ ...SAME, static: 140 }, 1, BLOCKS)).sides[1],
    ).toMatchObject({ verdict: 'improvement' });
  });

  test('adjusts p values for all comparisons of the job', () => {
    const { rows, sides, changes } = compareJob('j', plan(), samples(SAME, 1, BLOCKS));
    const all = [...rows.filter(({ ratio }) => ratio !== null), ...sides, ...changes];
    expect(all).toHaveLength(5);
    const largest = Math.max(...all.map(({ pValue }) => pValue!));
    expect(Math.max(...all.map(({ adjustedP }) => adjustedP!))).toBe(largest);
    const smallest = Math.min(...all.map(({ pValue }) => pValue!));
    expect(Math.min(...all.map(({ adjustedP }) => adjustedP!))).toBeGreaterThan(2 * smallest);
  });

  test("judges by the job's threshold, or by the last override that fits", () => {
    const verdictWith = (changes: object) =>
      compareJob('j', plan(changes), samples(SLOWER_STATIC, 1, BLOCKS)).sides[1]!;
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

describe('by another metric', () => {
  const cpu =
    (userNs: (sample: Sample) => number) =>
    (sample: Sample): Sample => ({ ...sample, userNs: String(userNs(sample)) });
  const slowHead = ({ side: of, variant, block }: Sample) =>
    (of === 'head' && variant === 'static' ? 3000 : 1500) + block;

  test('sides, changes and thresholds are of that metric, in its direction', () => {
    const all = samples(SAME, 1, BLOCKS).map(cpu(slowHead));
    const { sides, changes, unit } = compareJob(
      'j',
      plan({ thresholds: [{ metric: 'userNs', threshold: 0.5 }] }),
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
    expect(compareJob('j', plan(), faster, { metric: speed }).sides[1]).toMatchObject({
      verdict: 'improvement',
    });
  });

  test('a regression of any metric that a threshold names is suspected, and one of no other metric', () => {
    const workload = WorkloadDefinition.parse({
      name: 'w',
      summary: '',
      targets: ['x86_64-softmmu'],
      run: { arguments: [], exitStatus: 0, timeoutSeconds: 1 },
      metrics: [{ name: 'speed', unit: 'MB/s', direction: 'larger', description: '' }],
    });
    const slower = samples(SAME, 1, BLOCKS)
      .map(cpu(slowHead))
      .map((sample) => ({
        ...sample,
        metrics: [{ name: 'speed', value: 1e6 / slowHead(sample), unit: 'MB/s' }],
      }));
    const suspected = (metric: string, blocks = slower) =>
      suspectsRegression(plan({ thresholds: [{ metric, threshold: 0.05 }] }), blocks, {
        workloads: [workload],
      });

    expect(suspectsRegression(plan(), slower, { workloads: [workload] })).toBe(false);
    expect(['userNs', 'speed', 'maxRssBytes'].map((metric) => suspected(metric))).toEqual([
      true,
      true,
      false,
    ]);
    expect(suspected('userNs', slower.slice(0, -1))).toBe(false);
    expect(
      suspectsRegression(plan({ thresholds: [{ metric: 'userNs', threshold: 2 }] }), slower, {
        workloads: [workload],
      }),
    ).toBe(false);
    const both = [...slower, ...samples(SAME, BLOCKS + 1, 2 * BLOCKS).map(cpu(slowHead))];
    expect(
      compareJob('j', plan({ thresholds: [{ metric: 'userNs', threshold: 0.05 }] }), both, {
        metric: metricNamed('userNs'),
      }).sides[1],
    ).toMatchObject({ verdict: 'regression', suspected: false });
  });

  describe('instructions that are counted apart', () => {
    const judging = plan({ thresholds: [{ metric: 'hostInstructions', threshold: 0.001 }] });
    const timed = samples(SAME, 1, BLOCKS);
    /** Repetitions `from` to `to`, of which head's `static` executes so many times as many. */
    const counted = (times: number, from: number, to: number): Sample[] =>
      samples(SAME, from, to).map((sample) => ({
        ...sample,
        kind: 'instructions',
        hostInstructions: String(
          Math.round(64e6 * (sample.variant === 'static' && sample.side === 'head' ? times : 1)) +
            (sample.block % 3),
        ),
      }));
    const compared = (of: JobPlan, ...parts: Sample[][]) =>
      compareJob('j', of, timed, { metric: metricNamed('hostInstructions'), counted: parts.flat() })
        .sides[1]!;

    test('are judged like any metric where a threshold names them: suspected by a first batch, called a regression by a second', () => {
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
    });

    test('are judged by no batch that is not complete', () => {
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

    test('suspect nothing by time', () => {
      const slower = samples(SLOWER_STATIC, 1, BLOCKS);
      expect(suspectsRegression(judging, slower)).toBe(true);
      expect(suspectsRegression(judging, slower, { counted: counted(1, 1, BLOCKS) })).toBe(false);
    });

    test('are shown, and never conclude, where no threshold names them', () => {
      expect(compared(plan(), counted(1.003, 1, 2))).toMatchObject({
        verdict: 'inconclusive',
        suspected: false,
        blocks: 2,
      });
    });
  });

  test('what has no value on one side has no row, and counted instructions confirm nothing', () => {
    const counted = samples(SAME, 1, 2).map((sample) => ({
      ...sample,
      kind: 'instructions' as const,
      hostInstructions: sample.variant === 'none' ? '1000' : sample.side === 'head' ? '2000' : null,
    }));
    const { sides, changes } = compareJob(
      'j',
      plan(),
      [...samples(SLOWER_STATIC, 1, BLOCKS), ...samples(SLOWER_STATIC, BLOCKS + 1, 2 * BLOCKS)],
      { metric: metricNamed('hostInstructions'), counted },
    );
    expect(
      sides.map(({ variant, ratio, confirmation }) => [variant, ratio.ratio, confirmation]),
    ).toEqual([['none', 1, null]]);
    expect(changes).toEqual([]);
  });
});

describe('a second batch', () => {
  test('continues the numbers of the first, with orders of its own that are balanced again', () => {
    const sized = plan({ blocks: 6 });
    expect(blocksOfBatch(sized, 2)).toEqual([7, 8, 9, 10, 11, 12]);
    expect([0, 1, 6, 7, 12].map((block) => batchOf(sized, block))).toEqual([1, 1, 1, 2, 2]);
    const orders = [7, 8, 9, 10].map((block) =>
      blockOrder(sized, block).map(({ variant, side: of }) => `${variant} ${of}`),
    );
    for (let place = 0; place < 4; place += 1)
      expect(new Set(orders.map((order) => order[place])).size).toBe(4);
    expect(orders).not.toEqual(
      [1, 2, 3, 4].map((block) =>
        blockOrder(sized, block).map(({ variant, side: of }) => `${variant} ${of}`),
      ),
    );
  });
});

describe('an A/A job', () => {
  const same = plan({ sides: { head: side, base: side, same: true } });

  test('gives one p value per variant and workload, of the host that measured', () => {
    const comparison = compareJob('j', same, samples(SAME, 1, BLOCKS));
    expect(
      sameComparisons(comparison).map(({ variant, hostFingerprint }) => [variant, hostFingerprint]),
    ).toEqual([
      ['none', 'h1'],
      ['static', 'h1'],
    ]);
    expect(sameComparisons(comparison)[0]!.pValue).toBe(comparison.sides[0]!.pValue);
  });

  test('says nothing where head is not base, or where two hosts measured', () => {
    expect(sameComparisons(compareJob('j', plan(), samples(SAME, 1, BLOCKS)))).toEqual([]);
    const mixed = samples(SAME, 1, BLOCKS).map((sample) =>
      sample.block === 1 ? { ...sample, hostFingerprint: 'h2' } : sample,
    );
    expect(sameComparisons(compareJob('j', same, mixed, { mixedHosts: true }))).toEqual([]);
  });

  test('makes a host advisory when its false alarms are above nominal for certain', () => {
    const quiet = { digest: 'quiet', ...calibrate([0.01, ...Array<number>(19).fill(0.5)]) };
    const noisy = {
      digest: 'noisy',
      ...calibrate([0.01, 0.02, 0.03, 0.04, ...Array<number>(16).fill(0.5)]),
    };
    expect(advisoryReasons([quiet, { digest: 'new', ...calibrate([]) }])).toEqual([]);
    expect(advisoryReasons([quiet, noisy])).toEqual([
      'host noisy called a difference in 4 of 20 A/A comparisons: 20.0 % (95 % interval 5.7 % to 43.7 %), where 5.0 % are expected',
    ]);
  });
});
