import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { batchOf, blocksOfBatch } from '#domain/batches.js';
import { advisoryReasons, calibrate, sameComparisons } from '#domain/calibration.js';
import { compareJob, suspectsRegression } from '#domain/comparison.js';
import { metricNamed } from '#domain/metric-values.js';
import { random } from '#statistics/random.js';
import { jobPlan, onBothSides, plannedWorkload, TWO_SIDES, variantOf } from '#support/job-plan.js';
import { sampleOf } from '#support/sample.js';

const BLOCKS = 12;
const plan = (details: Partial<JobPlan> = {}): JobPlan =>
  jobPlan({
    sides: TWO_SIDES,
    variants: onBothSides([variantOf('none'), variantOf('static')]),
    workloads: [plannedWorkload('w n=1', { name: 'w' })],
    blocks: BLOCKS,
    batches: 2,
    ...details,
  });

/** Samples of blocks `from` to `to`: times in ms per variant and side, with 0.2 % of noise. */
function samples(times: Record<string, number>, from: number, to: number): Sample[] {
  const next = random(3, from);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((block) =>
    Object.entries(times).map(([key, time]): Sample => {
      const [variant, of] = key.split('@') as [string, Sample['side']?];
      return sampleOf({
        id: `${key}${block}`,
        variant,
        side: of ?? 'head',
        workload: 'w n=1',
        batch: batchOf(plan(), block),
        block,
        userNs: '0',
        maxRssBytes: '0',
        wallNs: String(Math.round(time * 1e6 * (1 + 0.004 * (next() - 0.5)))),
        link: block % 2,
        buildKey: `${key}'s`,
      });
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

  test('reverts a suspicion to inconclusive if the second batch disagrees', () => {
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

  test('judges no batch before it is complete, and never pools batches', () => {
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

  test('does not suspect the cost of instrumentation, nor an improvement', () => {
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

  test("judges by the job's threshold, or by the last matching override", () => {
    const verdictWith = (changes: Partial<JobPlan>) =>
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

describe('a comparison by another metric', () => {
  const cpu =
    (userNs: (sample: Sample) => number) =>
    (sample: Sample): Sample => ({ ...sample, userNs: String(userNs(sample)) });
  const slowHead = ({ side: of, variant, block }: Sample) =>
    (of === 'head' && variant === 'static' ? 3000 : 1500) + block;

  test('has sides, changes and thresholds of that metric, in its direction', () => {
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

  test('suspects a regression of any metric with a threshold, and of no other metric', () => {
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

  describe('instructions counted separately', () => {
    const judging = plan({ thresholds: [{ metric: 'hostInstructions', threshold: 0.001 }] });
    const timed = samples(SAME, 1, BLOCKS);
    /**
     * Repetitions `from` to `to`, in which head's `static` executes `times` times the instructions.
     */
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
      const slower = samples(SLOWER_STATIC, 1, BLOCKS);
      expect(suspectsRegression(judging, slower)).toBe(true);
      expect(suspectsRegression(judging, slower, { counted: counted(1, 1, BLOCKS) })).toBe(false);
    });

    test('are shown without a verdict if they have no threshold', () => {
      expect(compared(plan(), counted(1.003, 1, 2))).toMatchObject({
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
      const counted = samples(SAME, 1, 2).map((sample) => ({
        ...sample,
        kind: 'instructions' as const,
        hostInstructions:
          sample.variant === 'none' ? '1000' : sample.side === 'head' ? '2000' : null,
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
    },
  );
});

test('a second batch continues the numbering of the first', () => {
  const sized = plan({ blocks: 6 });
  expect(blocksOfBatch(sized, 2)).toEqual([7, 8, 9, 10, 11, 12]);
  expect([0, 1, 6, 7, 12].map((block) => batchOf(sized, block))).toEqual([1, 1, 1, 2, 2]);
});

describe('a job whose builds were linked once', () => {
  const once = (samplesOfBlocks: Sample[]) =>
    samplesOfBlocks.map((sample) => ({ ...sample, link: null }));

  test('suspects a regression of these two binaries, and a second batch of the same confirms nothing', () => {
    const both = once([
      ...samples(SLOWER_STATIC, 1, BLOCKS),
      ...samples(SLOWER_STATIC, BLOCKS + 1, 2 * BLOCKS),
    ]);

    const { sides, rows, changes } = compareJob('j', plan(), both);
    expect(sides[1]).toMatchObject({
      oneBuild: true,
      verdict: 'inconclusive',
      suspected: true,
      confirmation: { verdict: 'regression' },
    });
    expect(changes[0]).toMatchObject({ oneBuild: true, verdict: 'inconclusive', suspected: true });
    expect(rows[1]).toMatchObject({ oneBuild: true });
    expect(sides[0]).toMatchObject({ oneBuild: true, verdict: 'no-change' });
    const linked = compareJob('j', plan(), samples(SLOWER_STATIC, 1, BLOCKS));
    expect(linked.sides[1]).toMatchObject({ oneBuild: false });
  });

  test('confirms counted instructions, which do not depend on layout', () => {
    const counted = once([
      ...samples(SAME, 1, BLOCKS),
      ...samples(SAME, BLOCKS + 1, 2 * BLOCKS),
    ]).map((sample) => ({
      ...sample,
      hostInstructions: String(
        (sample.variant === 'static' && sample.side === 'head' ? 1_100_000 : 1_000_000) +
          (sample.block % 3),
      ),
    }));

    expect(
      compareJob('j', plan(), counted, { metric: metricNamed('hostInstructions') }).sides[1],
    ).toMatchObject({ oneBuild: false, verdict: 'regression', suspected: false });
  });

  test('behaves the same if only one side was linked once', () => {
    const mixed = samples(SLOWER_STATIC, 1, BLOCKS).map((sample) =>
      sample.side === 'base' ? { ...sample, link: 0 } : sample,
    );
    expect(compareJob('j', plan(), mixed).sides[1]).toMatchObject({ oneBuild: true });
  });
});

describe('binaries that are equal byte for byte', () => {
  const equal = (of: JobPlan, slower: Record<string, number> = SLOWER_STATIC) =>
    compareJob(
      'j',
      of,
      samples(slower, 1, BLOCKS).map((sample) => ({ ...sample, buildKey: 'one' })),
    );

  test('are not judged, neither by variant nor by overhead', () => {
    const { sides, changes } = equal(plan());

    expect([...sides, ...changes].map(({ verdict, suspected }) => [verdict, suspected])).toEqual([
      ['same-binary', false],
      ['same-binary', false],
      ['same-binary', false],
    ]);
    expect(
      suspectsRegression(
        plan(),
        samples(SLOWER_STATIC, 1, BLOCKS).map((sample) => ({ ...sample, buildKey: 'one' })),
      ),
    ).toBe(false);
  });

  test('are judged if they load different instrumentation', () => {
    const other = {
      ...TWO_SIDES,
      base: { ...TWO_SIDES.base, instrumentation: `sha256:${'0'.repeat(64)}` },
    };
    const dynamic = plan({
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
    samples(SLOWER_STATIC, 1, BLOCKS).map((sample) => ({
      ...sample,
      systemNs: String(
        Math.round((sample.side === 'head' ? head : 1) * 50e6) + sample.block * 1000,
      ),
    }));
  const opinion = (head: number, wall: 'static' | 'none' = 'static') =>
    compareJob('j', plan(), busy(head)).sides.find(({ variant }) => variant === wall)!;

  test('tells which of the two times moved', () => {
    expect(opinion(1)).toMatchObject({ moved: 'wall' });
    expect(opinion(1.1)).toMatchObject({ moved: 'both' });
    expect(opinion(1.1).processor!.ratio).toBeCloseTo(1.1, 3);
    expect(opinion(1.1, 'none')).toMatchObject({ moved: 'processor' });
    expect(opinion(1, 'none')).toMatchObject({ moved: 'neither' });
  });

  test('covers wall time only, including overheads', () => {
    const { rows } = compareJob('j', plan(), busy(1));
    expect(rows[1]).toMatchObject({ moved: 'wall' });
    expect(rows[0]).toMatchObject({ processor: null, moved: null });
    const bySystem = compareJob('j', plan(), busy(1.1), { metric: metricNamed('systemNs') });
    expect(bySystem.sides[0]).toMatchObject({ processor: null, moved: null });
    expect(bySystem.changes[0]).toMatchObject({ processor: null, moved: null });
  });
});

describe('an A/A job', () => {
  const same = plan({ sides: { ...TWO_SIDES, same: true } });

  test('records per variant and workload whether the measuring host called a difference', () => {
    const alarms = (times: Record<string, number>) =>
      sameComparisons(compareJob('j', same, samples(times, 1, BLOCKS))).map(
        ({ workload, variant, hostFingerprint, alarm }) =>
          [workload, variant, hostFingerprint, alarm].join(' '),
      );

    expect(alarms(SAME)).toEqual(['w n=1 none h1 false', 'w n=1 static h1 false']);
    expect(alarms(SLOWER_STATIC)).toEqual(['w n=1 none h1 false', 'w n=1 static h1 true']);
    expect(alarms({ ...SAME, none: 90 })).toEqual(['w n=1 none h1 true', 'w n=1 static h1 false']);
  });

  test('ignores pairs that ran one binary on both sides, which show no layout', () => {
    const one = samples(SAME, 1, BLOCKS).map((sample) =>
      sample.variant === 'none' ? { ...sample, buildKey: 'one' } : sample,
    );
    expect(sameComparisons(compareJob('j', same, one)).map(({ variant }) => variant)).toEqual([
      'static',
    ]);
  });

  test('ignores jobs whose head is not base, and jobs measured on two hosts', () => {
    expect(sameComparisons(compareJob('j', plan(), samples(SAME, 1, BLOCKS)))).toEqual([]);
    const mixed = samples(SAME, 1, BLOCKS).map((sample) =>
      sample.block === 1 ? { ...sample, hostFingerprint: 'h2' } : sample,
    );
    expect(sameComparisons(compareJob('j', same, mixed, { mixedHosts: true }))).toEqual([]);
  });

  test('makes a host advisory if its false-alarm rate is certainly above nominal', () => {
    const quiet = { digest: 'quiet', ...calibrate({ alarms: 1, comparisons: 20 }) };
    const noisy = { digest: 'noisy', ...calibrate({ alarms: 4, comparisons: 20 }) };
    const unknown = { digest: 'new', ...calibrate({ alarms: 0, comparisons: 0 }) };
    expect(advisoryReasons([quiet, unknown])).toEqual([]);
    expect(advisoryReasons([quiet, noisy])).toEqual([
      'host noisy called a difference in 4 of 20 A/A comparisons: 20.0 % (95 % interval 5.7 ' +
        '% to 43.7 %), where 2.5 % are expected',
    ]);
  });
});
