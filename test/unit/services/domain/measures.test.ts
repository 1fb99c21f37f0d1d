// SPDX-License-Identifier: GPL-2.0-or-later
import { JobPlan } from '#contract/job.js';
import type { Metric, Sample } from '#contract/sample.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { compareJob } from '#domain/comparison.js';
import {
  BOOTSTRAPS_PER_IMPORT,
  centresOfImport,
  measuredCells,
  measuresOf,
} from '#domain/measures.js';
import { sampleOf } from '#support/sample.js';

const PLAN = JobPlan.parse({
  events: [],
  seed: 1,
  blocks: 12,
  variants: ['none', 'dynamic'].map((name) => ({
    name,
    mode: name,
    backend: null,
    plugin: null,
    arguments: [],
    trace: false,
  })),
  workloads: [{ label: 'w(size=8)', name: 'w', parameters: { size: 8 }, timeoutSeconds: 1 }],
});
const workload = (name: string, metrics: object[]) =>
  WorkloadDefinition.parse({
    name,
    summary: '',
    targets: ['x86_64-linux-user'],
    run: { arguments: [], exitStatus: 0, timeoutSeconds: 1 },
    metrics,
  });
const WORKLOADS = [
  workload('other', [
    { name: 'work.done', unit: 'bananas', direction: 'smaller', description: '' },
  ]),
  workload('w', [
    { name: 'guest.speed', unit: 'ops', direction: 'larger', description: '' },
    { name: 'work.done', unit: 'operations', direction: 'smaller', description: '' },
  ]),
];

const sample = (variant: string, block: number, more: Partial<Sample> = {}): Sample =>
  sampleOf({ variant, workload: 'w(size=8)', block, hostFingerprint: 'h', ...more });
const printed = (name: string, value: number): Metric => ({ name, value, unit: 'x' });
const blocks = (more: (variant: string, block: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 13 }, (_, block) =>
    ['none', 'dynamic'].map((variant) => sample(variant, block, more(variant, block))),
  ).flat();
const counts = (variant: string, block: number, more: Partial<Sample>): Sample =>
  sample(variant, block, { kind: 'instructions', wallNs: '9', ...more });

const measures = (samples: readonly Sample[], counted: readonly Sample[] = []) =>
  measuresOf(
    measuredCells(PLAN, samples, { counted, workloads: WORKLOADS }),
    compareJob('j', PLAN, samples),
  );
const named = (metric: string, samples: readonly Sample[], counted: readonly Sample[] = []) =>
  measures(samples, counted).filter((measure) => measure.metric === metric);

test('a declared measure has its unit and direction, and an undeclared one is omitted', () => {
  const samples = blocks((variant, block) => ({
    metrics: [
      printed('guest.speed', variant === 'none' ? 100 + block : 50),
      printed('work.done', 512),
      printed('unknown', 7),
    ],
  }));

  expect(named('guest.speed', samples)).toMatchObject([
    {
      variant: 'none',
      workload: 'w(size=8)',
      unit: 'ops',
      direction: 'larger-is-better',
      value: 106.5,
      blocks: 12,
    },
    { variant: 'dynamic', value: 50 },
  ]);
  expect(named('work.done', samples)).toMatchObject([
    { unit: 'operations', direction: 'smaller-is-better' },
    { unit: 'operations' },
  ]);
  expect(named('unknown', samples)).toEqual([]);
});

test.each([0.1, 262_144, 3e-9, 1e15])(
  'a constant number, like %d, is both ends of its own interval',
  (value) => {
    for (const { low, high, confidence } of named(
      'work.done',
      blocks(() => ({ metrics: [printed('work.done', value)] })),
    )) {
      expect([low, high]).toEqual([value, value]);
      expect(confidence).toBeGreaterThan(0.9);
    }
  },
);

test('a measure has the cells with values, and a cell without any has no measure', () => {
  const samples = blocks((variant, block) => ({
    metrics: variant === 'none' && block % 2 === 1 ? [printed('guest.speed', block)] : [],
  }));

  expect(named('guest.speed', samples)).toMatchObject([{ variant: 'none', value: 6, blocks: 6 }]);
  expect(measures(samples).map(({ variant, metric }) => `${variant} ${metric}`)).toEqual([
    'none wallNs',
    'none cpuNs',
    'none userNs',
    'none systemNs',
    'none minorFaults',
    'none majorFaults',
    'none voluntarySwitches',
    'none involuntarySwitches',
    'none maxRssBytes',
    'none guest.speed',
    'dynamic wallNs',
    'dynamic wallRatio',
    'dynamic cpuNs',
    'dynamic userNs',
    'dynamic systemNs',
    'dynamic minorFaults',
    'dynamic majorFaults',
    'dynamic voluntarySwitches',
    'dynamic involuntarySwitches',
    'dynamic maxRssBytes',
  ]);
});

test('instructions come from the hardware in timed samples, otherwise from instruction samples', () => {
  const counted = [
    counts('none', 1, { hostInstructions: '100' }),
    counts('none', 2, { hostInstructions: '102' }),
    counts('none', 0, { guestInstructions: '40' }),
    counts('none', 1, { hostInstructions: '900', side: 'base' }),
    counts('dynamic', 1, { hostInstructions: '900', hostFingerprint: 'another' }),
  ];
  const byHardware = blocks((_, block) => ({ hostInstructions: String(2000 + block) }));

  expect(
    named(
      'hostInstructions',
      blocks(() => ({})),
      counted,
    ),
  ).toMatchObject([{ variant: 'none', unit: 'instructions', value: 101, blocks: 2 }]);
  expect(named('hostInstructions', byHardware, counted)).toMatchObject([
    { variant: 'none', value: 2006.5, blocks: 12 },
    { variant: 'dynamic', value: 2006.5 },
  ]);
  expect(named('guestInstructions', byHardware, counted)).toMatchObject([
    { variant: 'none', value: 40, low: null, high: null, confidence: null, blocks: 1 },
  ]);
  expect(
    named(
      'wallNs',
      blocks(() => ({})),
      counted,
    ),
  ).toMatchObject([{ value: 1000 }, { value: 1000 }]);
});

test('a single run, measured or imported, has no interval', () => {
  const result = {
    benchmark: 'b',
    metric: 'wallNs',
    unit: 'ns',
    direction: 'smaller-is-better' as const,
    value: 5,
    low: null,
    high: null,
  };

  expect(centresOfImport([{ ...result, samples: [5] }])[0]).toMatchObject({
    value: 5,
    low: null,
    high: null,
  });
  expect(centresOfImport([{ ...result, samples: [4, 6] }])[0]).toMatchObject({
    value: 5,
    low: expect.any(Number) as number,
  });
});

test('an import with more results than may be bootstrapped gets quick intervals', () => {
  const samples = Array.from({ length: 30 }, (_, index) => 100 + ((index * 7) % 11));
  const result = {
    benchmark: 'b',
    metric: 'wallNs',
    unit: 'ns',
    direction: 'smaller-is-better' as const,
    value: 5,
    low: null,
    high: null,
    samples,
  };
  const few = centresOfImport([result]);
  const many = centresOfImport(new Array(BOOTSTRAPS_PER_IMPORT + 1).fill(result));
  expect(few[0]!.value).toBe(many[0]!.value);
  expect(few[0]).not.toEqual(many[0]);
  expect(Math.abs(many[0]!.low! / few[0]!.low! - 1)).toBeLessThan(0.01);
});
