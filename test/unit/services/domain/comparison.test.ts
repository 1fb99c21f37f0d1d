// SPDX-License-Identifier: GPL-2.0-or-later
import type { Sample } from '#contract/sample.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { compareJob } from '#domain/comparison.js';
import { metricNamed, metricValue } from '#domain/metric-values.js';
import { jobPlan, variantOf } from '#support/job-plan.js';
import { sampleOf } from '#support/sample.js';

const PLAN = jobPlan({
  events: ['e'],
  variants: [variantOf('idle', { name: 'fast' }), variantOf('none', { name: 'plain' })],
});

const sample = (
  variant: string,
  block: number,
  wallNs: number,
  more: Partial<Sample> = {},
): Sample =>
  sampleOf({
    id: `${variant}${block}`,
    variant,
    block,
    wallNs: String(wallNs),
    userNs: '0',
    ...more,
  });

const blocks = (count: number): Sample[] =>
  Array.from({ length: count }, (_, index) => index).flatMap((block) => [
    sample('plain', block, block === 0 ? 9_000_000 : 1000 + block),
    sample('fast', block, (1000 + block) * 1.5, {
      events: { e: '40', f: String(10 + block) },
      recordsStored: '5',
      recordsDropped: '1',
    }),
  ]);

test('the last of several values of a metric counts', () => {
  const metrics = [1, 2].map((value) => ({ name: 'guest.speed', value, unit: 'MB/s' }));

  expect(metricValue('guest.speed')(sampleOf({ metrics }))).toBe(2);
});

describe('compareJob', () => {
  test('compares every variant with the one without instrumentation, without the warm-up', () => {
    const comparison = compareJob('job', PLAN, blocks(7));
    expect(comparison).toMatchObject({
      jobId: 'job',
      metric: 'wallNs',
      baseline: 'plain',
      hostFingerprints: ['h1'],
    });
    expect(comparison.rows.map(({ variant }) => variant)).toEqual(['fast', 'plain']);
    const [fast, plain] = comparison.rows;
    expect(fast).toMatchObject({
      workload: 'w',
      blocks: 6,
      medianWallNs: 1505.25,
      events: '54',
      recordsStored: '30',
      recordsDropped: '6',
    });
    expect(fast!.ratio).toMatchObject({ blocks: 6, method: 'signed-rank' });
    expect(fast!.ratio!.ratio).toBeCloseTo(1.5, 12);
    // (wall - baseline) / events of blocks 3 and 4: 501.5 / 54 and 502 / 55, including the dropped
    // one.
    const { averageNs, ...others } = fast!.cost!;
    expect(averageNs!.value).toBeCloseTo((501.5 / 54 + 502 / 55) / 2, 12);
    // The exact interval of six blocks spans the smallest to the largest: 503 / 57 and 500.5 / 52.
    expect(averageNs!.low).toBeCloseTo(503 / 57, 12);
    expect(averageNs!.high).toBeCloseTo(500.5 / 52, 12);
    expect(averageNs!.confidence).toBe(1 - 2 / 64);
    expect(averageNs!.shown).toBe('value');
    expect(others).toEqual({ startNs: null, perEventNs: null, bendNs: null });
    expect(plain).toMatchObject({
      ratio: null,
      cost: null,
      events: null,
      recordsStored: null,
      medianWallNs: 1003.5,
    });
  });

  test("states each row's confidence and meaning, and nothing about the baseline", () => {
    const [fast, plain] = compareJob('job', PLAN, blocks(7)).rows;
    expect(fast).toMatchObject({ pValue: 2 / 64, adjustedP: 2 / 64, verdict: 'regression' });
    expect(fast!.minimumDetectableRatio).toBeCloseTo(1, 6); // the ratio is the same in every block
    expect(plain).toMatchObject({
      pValue: null,
      adjustedP: null,
      minimumDetectableRatio: null,
      verdict: null,
    });
  });

  test('adjusts p values for the number of rows, and judges by the adjusted values', () => {
    const variants = [
      ...PLAN.variants,
      ...['same', 'also'].map((name) => ({ ...PLAN.variants[0]!, name })),
    ];
    const noise = (block: number): number => 1000 + 3 * ((block * 7) % 5);
    const others = blocks(7).flatMap(({ variant, block }) =>
      variant === 'plain' ? ['same', 'also'].map((name) => sample(name, block, noise(block))) : [],
    );
    const rows = compareJob('job', { ...PLAN, variants }, [...blocks(7), ...others]).rows.filter(
      ({ pValue }) => pValue !== null,
    );
    expect(rows.map(({ variant }) => variant)).toEqual(['fast', 'same', 'also']);
    expect(rows[0]!.pValue).toBe(2 / 64);
    expect(rows[0]!.adjustedP).toBeGreaterThan(0.05);
    expect(rows[0]!.verdict).toBe('inconclusive');
    // and so the minimum detectable effect is unknown
    expect(rows[0]!.minimumDetectableRatio).toBeNull();
    expect(rows[1]!.verdict).toBe('no-change');
  });

  test('compares the blocks that contain both runs', () => {
    const samples = blocks(8).filter(({ id }) => id !== 'plain3');
    expect(compareJob('job', PLAN, samples).rows[0]).toMatchObject({
      blocks: 7,
      ratio: { blocks: 6 },
    });
  });

  test('names the size of the measured runs, not of the warm-up or of empty runs', () => {
    const size = { parameter: 'writes', empty: 0, full: null, minimum: 0, maximum: 1e9 };
    const workloads = PLAN.workloads.map((workload) => ({ ...workload, size }));
    const samples = [
      sample('plain', 0, 9, { sizeValue: 1_500_000 }),
      sample('plain', 1, 9, { size: 'empty', sizeValue: 0 }),
      sample('plain', 1, 9, { sizeValue: 720_000 }),
    ];
    const { sizes } = compareJob('job', { ...PLAN, workloads }, samples);
    expect(sizes).toEqual([{ workload: 'w', parameter: 'writes', value: 720_000 }]);
    expect(compareJob('job', PLAN, blocks(2)).sizes).toEqual([]);
  });

  test('has no rows before a measured block has runs', () => {
    expect(compareJob('job', PLAN, blocks(1))).toMatchObject({ rows: [], hostFingerprints: [] });
  });

  test('uses the first variant as baseline if every variant is instrumented', () => {
    const plan = {
      ...PLAN,
      variants: PLAN.variants.map((variant) => ({ ...variant, mode: 'idle' as const })),
    };
    expect(compareJob('job', plan, blocks(7)).baseline).toBe('fast');
  });

  test('refuses samples of several hosts, and marks the answer if they are requested', () => {
    const samples = [
      ...blocks(7),
      sample('plain', 7, 1, { hostFingerprint: 'h2' }),
      sample('fast', 7, 1, { hostFingerprint: 'h2' }),
    ];
    expect(() => compareJob('job', PLAN, samples)).toThrow(
      expect.objectContaining({
        code: 'MIXED_HOSTS',
        http: 409,
        message: expect.stringContaining('2 different hosts or host states (h1, h2)'),
      }),
    );
    expect(compareJob('job', PLAN, samples, { mixedHosts: true })).toMatchObject({
      hostFingerprints: ['h1', 'h2'],
      mixedHosts: true,
    });
    expect(compareJob('job', PLAN, blocks(7), { mixedHosts: true })).toMatchObject({
      hostFingerprints: ['h1'],
      mixedHosts: false,
    });
  });

  test('compares any metric of the registry, in its direction', () => {
    const speed = WorkloadDefinition.parse({
      name: 'w',
      summary: '',
      targets: ['x86_64-softmmu'],
      run: { arguments: [], exitStatus: 0, timeoutSeconds: 1 },
      metrics: [{ name: 'guest.speed', unit: 'ops', direction: 'larger', description: '' }],
    });
    const samples = blocks(7).map((sample) => ({
      ...sample,
      userNs: sample.variant === 'fast' ? '100' : '200',
      metrics: [{ name: 'guest.speed', value: sample.variant === 'fast' ? 20 : 10, unit: 'ops' }],
    }));
    const user = compareJob('job', PLAN, samples, { metric: metricNamed('userNs') });
    expect(user).toMatchObject({ metric: 'userNs', unit: 'ns', direction: 'smaller-is-better' });
    expect(user.rows).toMatchObject([
      { median: 100, medianWallNs: 1505.25, verdict: 'improvement' },
      { median: 200, ratio: null },
    ]);
    const guest = compareJob('job', PLAN, samples, { metric: metricNamed('guest.speed', [speed]) });
    expect(guest).toMatchObject({
      metric: 'guest.speed',
      unit: 'ops',
      direction: 'larger-is-better',
    });
    expect(guest.rows[0]).toMatchObject({ median: 20, verdict: 'improvement' });
    expect(() => metricNamed('guest.speed')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_METRIC',
        message: expect.stringContaining('wallNs, userNs, systemNs'),
      }),
    );
  });

  test('has no ratio for a metric that is missing or zero', () => {
    expect(
      compareJob('job', PLAN, blocks(7), { metric: metricNamed('systemNs') }).rows[0],
    ).toMatchObject({ median: 0, ratio: null, verdict: null });
    expect(
      compareJob('job', PLAN, blocks(7), { metric: metricNamed('hostInstructions') }).rows[0],
    ).toMatchObject({ median: null, ratio: null, blocks: 6 });
  });

  test('takes instruction counts from instruction samples if timed samples lack them, and never a time', () => {
    const counted = [
      ...[1, 2].flatMap((repetition) => [
        sample('plain', repetition, 77_000, { kind: 'instructions', hostInstructions: '1000' }),
        sample('fast', repetition, 99_000, {
          kind: 'instructions',
          hostInstructions: String(1300 + repetition),
        }),
      ]),
      sample('plain', 0, 55_000, { kind: 'instructions', guestInstructions: '42' }),
    ];
    const host = compareJob('job', PLAN, blocks(7), {
      metric: metricNamed('hostInstructions'),
      counted,
    });
    expect(host.rows).toMatchObject([
      { median: 1301.5, medianWallNs: 1505.25, ratio: { blocks: 2 } },
      { median: 1000, ratio: null },
    ]);
    expect(host.rows[0]!.ratio!.ratio).toBeCloseTo(1.3015, 6);
    const byHardware = blocks(7).map((sample) => ({
      ...sample,
      hostInstructions: sample.variant === 'fast' ? '2000' : '1000',
    }));
    expect(
      compareJob('job', PLAN, byHardware, { metric: metricNamed('hostInstructions'), counted })
        .rows[0],
    ).toMatchObject({ median: 2000, ratio: { blocks: 6 } });
    expect(
      compareJob('job', PLAN, blocks(7), { metric: metricNamed('guestInstructions'), counted })
        .rows,
    ).toMatchObject([{ median: null }, { median: 42 }]);
    expect(compareJob('job', PLAN, blocks(7), { counted })).toEqual(
      compareJob('job', PLAN, blocks(7)),
    );
    const elsewhere = counted.map((sample) => ({ ...sample, hostFingerprint: 'h2' }));
    expect(compareJob('job', PLAN, blocks(7), { counted: elsewhere }).hostFingerprints).toEqual([
      'h1',
    ]);
  });
});
