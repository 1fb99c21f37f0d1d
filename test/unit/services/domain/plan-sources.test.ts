// SPDX-License-Identifier: GPL-2.0-or-later
import { JobRequest } from '#contract/job.js';
import type { PlannedSide } from '#contract/side.js';
import { pinnedSource } from '#contract/source.js';
import { sourceKey, type SourceFacts } from '#domain/catalogue.js';
import { planJob } from '#domain/plan.js';
import { buildsOf } from '#domain/recipe.js';
import { resolvedRequest } from '#domain/resolved-request.js';
import { uploadsOf, uploadsOfJob } from '#domain/uploads.js';
import { CATALOGUE, planRequest } from '#support/plan-request.js';

const QEMU = { version: '7.2', target: 'x86_64-softmmu' } as const;
const GIT = 'https://gitlab.com/qemu-project/qemu.git';
const commit = (digit: string) => digit.repeat(40);
const git = (digit: string) => ({ git: GIT, commit: commit(digit) });
const event = (name: string) => ({
  name,
  directory: '',
  arguments: [],
  properties: [],
  kinds: ['softmmu' as const],
});
const pinned = (digit: string) => ({ ...git(digit), subprojects: 'fetch' });

const plan = (changes: object, other: PlannedSide | null = null) =>
  planJob(planRequest(changes), CATALOGUE, 1, other);

test('a side has the source of its request, and none without one', () => {
  expect(plan({ qemu: { ...QEMU, source: git('a') } }).sides!.head.qemu).toEqual({
    ...QEMU,
    source: pinned('a'),
    patches: null,
  });
  expect(plan({ qemu: QEMU }).sides!.head.qemu).toEqual({ ...QEMU, patches: null });
});

test.each<[string, object, object | undefined]>([
  ['another commit', { source: git('b') }, pinned('b')],
  ["Debian's package", { source: null }, undefined],
  ['the package of a version', { version: '7.2' }, undefined],
  ['the source of head, without another', { patches: null }, pinned('a')],
])('a base side has %s', (_, baseline, source) => {
  const { base } = plan({ qemu: { ...QEMU, source: git('a') }, baseline }).sides!;

  expect(base!.qemu.source).toEqual(source);
});

test('a base side takes the source of the job that it names', () => {
  const other: PlannedSide = {
    qemu: { ...QEMU, source: { debian: '1:7.2' }, patches: null },
    events: ['memory_region_ops_read'],
    instrumentation: null,
  };
  const job = '00000000-0000-4000-8000-000000000000';

  expect(plan({ qemu: QEMU, baseline: { job } }, other).sides!.base!.qemu.source).toEqual({
    debian: '1:7.2',
  });
});

test('two commits are two builds of each variant', () => {
  const one = plan({ variants: ['none'], qemu: QEMU, baseline: { patches: null } });
  const two = plan({
    variants: ['none'],
    qemu: { ...QEMU, source: git('a') },
    baseline: { source: git('b') },
  });

  expect(buildsOf(one.sides!, one.variants).builds).toBe(1);
  expect(buildsOf(two.sides!, two.variants).builds).toBe(2);
});

test('the resolved request names the commits, and gives the same sides', () => {
  const request = planRequest({
    qemu: { ...QEMU, source: git('a') },
    events: ['memory_region_ops_read'],
    baseline: { source: git('b') },
  });
  const first = planJob(request, CATALOGUE, 1);

  const resolved = resolvedRequest({ plan: first, request });

  expect(resolved.qemu.source).toEqual(pinned('a'));
  expect(resolved.baseline).toMatchObject({ source: pinned('b') });
  expect(planJob(planRequest(resolved), CATALOGUE, 1).sides).toEqual(first.sides);
});

test('the resolved request of a job with a version as base has no source on that side', () => {
  const request = planRequest({
    qemu: { ...QEMU, source: git('a') },
    events: ['memory_region_ops_read'],
    baseline: { version: '7.2' },
  });
  const first = planJob(request, CATALOGUE, 1);

  const resolved = resolvedRequest({ plan: first, request });

  expect(planJob(planRequest(resolved), CATALOGUE, 1).sides).toEqual(first.sides);
});

test('an uploaded source is an upload of the job, on either side', () => {
  const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
  const request = planRequest({
    qemu: { ...QEMU, source: { upload: digest('1') } },
    baseline: { source: { upload: digest('2') } },
  });

  expect(uploadsOf(request)).toEqual([
    { field: 'qemu.source.upload', digest: digest('1'), kind: 'source' },
    { field: 'baseline.source.upload', digest: digest('2'), kind: 'source' },
  ]);
  const job = { request, plan: planJob(request, CATALOGUE, 1) };
  expect(uploadsOfJob(job).map(({ digest: named }) => named)).toEqual([digest('1'), digest('2')]);
});

describe('a source that a worker has not looked into', () => {
  const open = { qemu: { ...QEMU, source: git('a') } };
  const looked = (facts: Partial<SourceFacts>) =>
    new Map([
      [
        sourceKey({ ...QEMU, source: pinnedSource(git('a')), patches: null }),
        { events: [event('own_event'), event('own_other')], port: '7.2', reason: '', ...facts },
      ],
    ]);
  const complete = (changes: object, facts: Partial<SourceFacts> = {}) =>
    planJob(planRequest({ ...open, ...changes }), { ...CATALOGUE, sources: looked(facts) }, 1);

  test('makes an open plan, which keeps the names of events and expands no glob', () => {
    const { open: isOpen, events } = plan({ ...open, events: ['own_event', 'own_*', 'other'] });

    expect(isOpen).toBe(true);
    expect(events).toEqual(['other', 'own_event']);
    expect(plan({ qemu: QEMU }).open).toBeUndefined();
  });

  test('has its own events, and the port that was found, in the complete plan', () => {
    const { open: isOpen, sides } = complete({ events: ['own_*'] });

    expect(isOpen).toBeUndefined();
    const request = planRequest({ ...open, events: ['own_*'] });
    const found = { plan: complete({ events: ['own_*'] }), request };
    expect(JobRequest.parse(resolvedRequest(found)).qemu).not.toHaveProperty('port');
    expect(sides!.head.events).toEqual(['own_event', 'own_other']);
    expect(sides!.head.qemu.port).toBe('7.2');
  });

  test('lacks the events of the version', () => {
    expect(() => complete({ events: ['memory_region_ops_read'] })).toThrow(
      'no event of QEMU 7.2 matches "memory_region_ops_read"',
    );
  });

  test('without a port refuses the variants that need one, with the reject; the others go on', () => {
    const reason = 'patch 0001.patch for QEMU 7.2: x.c: Hunk #1 FAILED at 3.';
    const variants = ['none', 'idle', { mode: 'backend', backend: 'simple' }];

    const planned = complete({ events: ['own_*'], variants }, { port: null, reason });

    expect(planned.variants.map(({ name }) => name)).toEqual(['none', 'backend-simple']);
    expect(planned.refused).toEqual([{ variant: 'idle', side: 'head', reason }]);
    expect(complete({ events: ['own_*'], variants }).refused).toBeUndefined();
  });

  test('without a port refuses a variant on both sides, since they are compared', () => {
    const planned = complete(
      {
        events: ['own_*'],
        variants: ['none', 'idle'],
        baseline: { version: '7.2', events: ['*'] },
      },
      { port: null, reason: 'x' },
    );

    expect(planned.variants.map(({ name, side }) => `${side} ${name}`)).toEqual([
      'head none',
      'base none',
    ]);
    expect(planned.refused).toEqual([{ variant: 'idle', side: 'head', reason: 'x' }]);
  });

  test('without a port and with no other variant ends the job with the reject', () => {
    expect(() =>
      complete({ events: ['own_*'], variants: ['idle'] }, { port: null, reason: 'x.c: Hunk #1' }),
    ).toThrow(/^all variants need the port .* gitlab\.com.*@aaaaaaaaaaaa: x\.c: Hunk #1/);
  });

  test('cannot be swept over its events', () => {
    expect(() =>
      plan({ ...open, variants: [{ mode: 'idle', events: ['own_*'] }], sweep: 'events' }),
    ).toThrow(/"events" needs sources whose events are known/);
  });

  test('can be checked for a port alone; a version cannot', () => {
    expect(plan({ ...open, check: 'port' }).open).toBe(true);
    expect(() => plan({ qemu: QEMU, check: 'port' })).toThrow(/check: needs "qemu\.source"/);
  });

  test('keeps the patterns of its request in a bundle', () => {
    const request = planRequest({ ...open, events: ['own_*'] });
    const job = { request, plan: planJob(request, CATALOGUE, 1) };

    expect(resolvedRequest(job).events).toEqual(['own_*']);
  });
});
