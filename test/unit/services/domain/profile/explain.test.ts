// SPDX-License-Identifier: GPL-2.0-or-later
import { PROFILE_PARTS, type ProfileFunction, type ProfilePart } from '#contract/profile.js';
import { causeWords, explanationWords } from '#contract/explanation-words.js';
import { briefly, explainJob, type Profiled } from '#domain/profile/explain.js';
import { jobPlan, onBothSides, plannedWorkload, variantOf } from '#support/job-plan.js';

const VARIANTS = [variantOf('none'), variantOf('dynamic')];
const plan = jobPlan({ variants: VARIANTS, workloads: [plannedWorkload('w')] });

function functionOf(
  name: string,
  part: ProfilePart,
  self: number,
  lines: ProfileFunction['lines'] = [],
): ProfileFunction {
  return { name, object: 'qemu', file: `${name}.c`, part, self, lines };
}

function profileOf(
  variant: string,
  functions: readonly ProfileFunction[],
  details: Partial<Profiled> = {},
): Profiled {
  return {
    variant,
    side: 'head',
    workload: 'w',
    method: 'callgrind',
    unit: 'instructions',
    sizeValue: 100,
    events: null,
    total: functions.reduce((sum, { self }) => sum + self, 0),
    split: PROFILE_PARTS.map((part) => ({
      part,
      self: functions.reduce((sum, one) => sum + (one.part === part ? one.self : 0), 0),
    })),
    functions: [...functions],
    omitted: [],
    ...details,
  };
}

const NONE = [
  functionOf('write', 'devices', 1_000_000, [
    { line: 5, self: 900_000 },
    { line: 9, self: 100_000 },
  ]),
  functionOf('gen', 'translation', 500_000),
];
const DYNAMIC = [
  functionOf('write', 'devices', 1_600_000, [
    { line: 5, self: 910_000 },
    { line: 7, self: 590_000 },
  ]),
  functionOf('callback', 'instrumentation', 300_000),
  functionOf('lock', 'memory-and-locks', 60_000),
  functionOf('small', 'devices', 10_000),
  functionOf('gen', 'translation', 480_000),
];

test('the three functions with the largest share of the change explain it, in its direction', () => {
  const [explanation, ...others] = explainJob(plan, [
    profileOf('none', NONE),
    profileOf('dynamic', DYNAMIC, { events: '100000' }),
  ]);

  expect(others).toEqual([]);
  expect(explanation).toMatchObject({
    about: 'overhead',
    variant: 'dynamic',
    reference: 'none',
    before: 1_500_000,
    after: 2_450_000,
  });
  expect(
    explanation!.causes.map(({ name, line, share, perEvent }) => [
      name,
      line,
      Number(share.toFixed(3)),
      perEvent,
    ]),
  ).toEqual([
    ['write', 7, 0.632, 6],
    ['callback', null, 0.316, 3],
    ['lock', null, 0.063, 0.6],
  ]);
  expect(explanation!.parts.filter(({ before, after }) => before !== after)).toEqual([
    { part: 'translation', before: 500_000, after: 480_000, low: null, high: null },
    { part: 'devices', before: 1_000_000, after: 1_610_000, low: null, high: null },
    { part: 'instrumentation', before: 0, after: 300_000, low: null, high: null },
    { part: 'memory-and-locks', before: 0, after: 60_000, low: null, high: null },
  ]);
  expect(explanation!.functions.map(({ name }) => name)).toEqual([
    'write',
    'callback',
    'lock',
    'gen',
    'small',
  ]);
});

test('a variant that costs less is explained by what it saves', () => {
  const [explanation] = explainJob(plan, [profileOf('none', DYNAMIC), profileOf('dynamic', NONE)]);

  expect(explanation!.causes.map(({ name }) => name)).toEqual(['write', 'callback', 'lock']);
});

test('a function whose change has the other direction explains nothing', () => {
  const [explanation] = explainJob(plan, [
    profileOf('none', [functionOf('saved', 'helpers', 500_000)]),
    profileOf('dynamic', [
      functionOf('saved', 'helpers', 100_000),
      functionOf('cost', 'devices', 900_000),
    ]),
  ]);

  expect(explanation!.causes.map(({ name, share }) => [name, share])).toEqual([['cost', 1.8]]);
});

const STARTED = functionOf('main', 'start-up', 40_000_000);
const STARTED_LATER = functionOf('main', 'start-up', 46_000_000);

test('the work is explained without the start-up, which weighs more in a short run', () => {
  const [explanation] = explainJob(plan, [
    profileOf('none', [STARTED, ...NONE]),
    profileOf('dynamic', [STARTED_LATER, ...DYNAMIC], { events: '100000' }),
  ]);

  expect(explanation).toMatchObject({
    before: 1_500_000,
    after: 2_450_000,
    startUp: { before: 40_000_000, after: 46_000_000 },
  });
  expect(explanation!.causes.map(({ name }) => name)).toEqual(['write', 'callback', 'lock']);
  expect(explanationWords(explanation!)).toBe(
    'dynamic over none with w: +950 k instructions (+63.3 %), start-up +6 M',
  );
});

test('a start-up that alone has changed is explained, once per run', () => {
  const [explanation] = explainJob(plan, [
    profileOf('none', [STARTED, ...NONE]),
    profileOf('dynamic', [STARTED_LATER, ...NONE], { events: '100000' }),
  ]);

  expect(explanation!.causes.map(({ name, share, perEvent }) => [name, share, perEvent])).toEqual([
    ['main', 1, null],
  ]);
});

test('profiles that do not differ have no causes', () => {
  const [explanation] = explainJob(plan, [profileOf('none', NONE), profileOf('dynamic', NONE)]);

  expect([explanation!.causes, explanation!.functions]).toEqual([[], []]);
});

test("head is explained by base, and each side's variants by its baseline", () => {
  const explanations = explainJob({ ...plan, variants: onBothSides(VARIANTS) }, [
    profileOf('none', NONE),
    profileOf('dynamic', DYNAMIC),
    profileOf('none', NONE, { side: 'base' }),
    profileOf('dynamic', NONE, { side: 'base' }),
  ]);

  expect(
    explanations.map(({ about, variant, side, reference }) => [about, variant, side, reference]),
  ).toEqual([
    ['side', 'none', 'head', 'none@base'],
    ['overhead', 'dynamic', 'head', 'none'],
    ['side', 'dynamic', 'head', 'dynamic@base'],
    ['overhead', 'dynamic', 'base', 'none@base'],
  ]);
});

test.each([
  ['sizes', { sizeValue: 200 }],
  ['units', { unit: 'samples' as const }],
])('profiles of different %s are not compared', (_, details) => {
  expect(
    explainJob(plan, [profileOf('none', NONE, details), profileOf('dynamic', DYNAMIC)]),
  ).toEqual([]);
});

test('a difference of samples has an interval, and explains nothing while it contains 0', () => {
  const sampled = (variant: string, write: number, lock: number) =>
    profileOf(
      variant,
      [functionOf('write', 'devices', write), functionOf('lock', 'helpers', lock)],
      {
        unit: 'samples',
        method: 'sampler',
      },
    );

  const [explanation] = explainJob(plan, [sampled('none', 400, 100), sampled('dynamic', 600, 115)]);
  const [write, lock] = explanation!.functions;
  // 1.96 standard errors of a difference of Poisson counts: sqrt(400 + 600) and sqrt(100 + 115).
  expect([write!.low, write!.high].map((end) => Math.round(end!))).toEqual([138, 262]);
  expect([lock!.low, lock!.high].map((end) => Math.round(end!))).toEqual([-14, 44]);
  expect(explanation!.causes.map(({ name }) => name)).toEqual(['write']);
});

test('an explanation in words has the change, its place and its share', () => {
  const [full] = explainJob(plan, [
    profileOf('none', NONE),
    profileOf('dynamic', DYNAMIC, { events: '100000' }),
  ]);
  const explanation = briefly(full!);

  expect(explanationWords(explanation)).toBe(
    'dynamic over none with w: +950 k instructions (+63.3 %)',
  );
  expect(causeWords(explanation.causes[0]!, explanation.unit)).toBe(
    '63 % by write (write.c:7), devices and system calls: +600 k instructions, 6 per event',
  );
  expect('functions' in explanation).toBe(false);
});
