// SPDX-License-Identifier: GPL-2.0-or-later
import { planJob } from '#domain/plan.js';
import { buildsOf, recipeOf } from '#domain/recipe.js';
import { sameInputs } from '#domain/same-inputs.js';
import { scheduleBlock } from '#domain/schedule.js';
import { uploadsOf } from '#domain/uploads.js';
import { CATALOGUE, planRequest, refusal } from '#support/plan-request.js';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const planOf = (changes: object) => planJob(planRequest(changes), CATALOGUE, 1);

/** Two instrumentations, one of them with two arguments, and one with events of its own. */
const SEVERAL = {
  instrumentation: digest('a'),
  arguments: ['of the job'],
  variants: [
    'none',
    'static',
    { mode: 'static', name: 'other', instrumentation: digest('b') },
    { mode: 'static', name: 'fast', arguments: ['fast'] },
    { mode: 'dynamic', events: ['guest_mem_before'], arguments: [] },
  ],
};

test('a variant has inputs of its own, and its side gives it those that it lacks', () => {
  const { variants, sides } = planOf(SEVERAL);
  const recipes = variants.map((variant) => ({
    name: variant.name,
    arguments: variant.arguments,
    ...recipeOf(sides!, variant),
  }));
  const all = ['memory_region_ops_read', 'memory_region_ops_write'];

  expect(
    recipes
      .slice(1)
      .map(({ name, events, instrumentation, arguments: words }) => [
        name,
        events,
        instrumentation,
        words,
      ]),
  ).toEqual([
    ['static', all, digest('a'), ['of the job']],
    ['other', all, digest('b'), ['of the job']],
    ['fast', all, digest('a'), ['fast']],
    ['dynamic', ['guest_mem_before'], digest('a'), []],
  ]);
});

test('variants that differ only in arguments share a build', () => {
  const { variants, sides } = planOf(SEVERAL);

  // none; static and fast; other; dynamic with its library
  expect(buildsOf(sides!, variants)).toEqual({ builds: 4, libraries: 1 });
});

test('instrumentations that are loaded share a build, and each is a library', () => {
  const { variants, sides } = planOf({
    variants: ['a', 'b'].map((digit) => ({
      mode: 'dynamic',
      name: digit,
      instrumentation: digest(digit),
    })),
  });

  expect(buildsOf(sides!, variants)).toEqual({ builds: 1, libraries: 2 });
});

test('a variant needs no instrumentation and no events of the job if it has its own', () => {
  const own = { mode: 'static', instrumentation: digest('b'), events: ['guest_mem_before'] };

  expect(planOf({ events: [], variants: ['none', own] }).variants).toHaveLength(2);
  expect(
    refusal({ events: [], variants: ['none', { ...own, events: undefined }] }).details,
  ).toEqual([{ path: 'variants.1', message: 'mode "static" needs "events"' }]);
});

test("a variant's unknown event names its field", () => {
  const error = refusal({
    variants: ['none', { mode: 'idle', events: ['memory_region_ops_rite'] }],
  });

  expect(error.details[0]).toEqual({
    path: 'variants.1.events.0',
    message: expect.stringContaining('did you mean') as string,
  });
});

test('a variant may set parameters of a workload, but not its amount of work', () => {
  const withParameters = (parameters: object) => ({
    variants: ['none', { mode: 'idle', parameters }],
  });

  expect(planOf(withParameters({ ports: 3 })).variants[1]!.parameters).toEqual({ ports: 3 });
  const path = 'variants.1.parameters';
  expect(refusal(withParameters({ writes: 3, ports: 9, none: 1 })).details).toEqual([
    {
      path: `${path}.writes`,
      message: 'is the amount of work of "port-writes", the same for all variants',
    },
    { path: `${path}.ports`, message: 'is 9, not within 1 to 4 writes' },
    { path: `${path}.none`, message: 'no workload of the job has a parameter "none"' },
  ]);
});

test('arguments of an instrumentation that no variant runs are refused', () => {
  expect(refusal({ arguments: ['x'] }).details).toEqual([
    { path: 'arguments', message: 'no variant has mode "dynamic" or "static"' },
  ]);
});

test('the base side has another instrumentation for a variant with one of its own', () => {
  const other = { mode: 'dynamic', name: 'other', instrumentation: digest('b') };
  const two = {
    instrumentation: digest('a'),
    variants: ['dynamic', other],
    baseline: { instrumentations: { other: digest('c') } },
  };
  const plan = planOf(two);

  expect(
    plan.variants.map((variant) => [
      variant.side,
      variant.name,
      recipeOf(plan.sides!, variant).instrumentation,
    ]),
  ).toEqual([
    ['head', 'dynamic', digest('a')],
    ['head', 'other', digest('b')],
    ['base', 'dynamic', digest('a')],
    ['base', 'other', digest('c')],
  ]);
  expect([sameInputs(plan, 'dynamic'), sameInputs(plan, 'other')]).toEqual([true, false]);
  expect(uploadsOf(planRequest(two)).map(({ field }) => field)).toEqual([
    'instrumentation',
    'variants.1.instrumentation',
    'baseline.instrumentations.other',
  ]);
  expect(
    refusal({ ...two, baseline: { instrumentations: { dynamic: digest('c') } } }).details,
  ).toEqual([
    {
      path: 'baseline.instrumentations.dynamic',
      message: 'no variant of this name has an instrumentation of its own',
    },
  ]);
});

test('a variant with several virtual CPUs runs on all CPUs, and the others on one', () => {
  const plan = planOf({
    variants: ['none', 'idle', { mode: 'idle', name: 'smp', qemu: { arguments: ['-smp', '2'] } }],
  });
  const pinned = new Map(scheduleBlock(plan, 1).map((run) => [run.variant, run.cpuDraw !== null]));

  expect(pinned.get('idle')).toBe(true);
  expect(pinned.get('smp')).toBe(false);
});
