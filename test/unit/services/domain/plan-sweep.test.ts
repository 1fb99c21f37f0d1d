// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobRequest } from '#contract/job.js';
import { planJob } from '#domain/plan.js';
import { CATALOGUE, planRequest, refusal } from '#support/plan-request.js';

const DIGEST = `sha256:${'0'.repeat(64)}`;
const planOf = (changes: object) => planJob(planRequest(changes), CATALOGUE, 1);
const WITH_CODE = { instrumentation: DIGEST, variants: ['none', 'dynamic'] };

test('a swept parameter makes a workload per value, and every variant runs each', () => {
  const { workloads, variants } = planOf({ sweep: { writes: [10, 100, 1000] } });

  expect(workloads.map(({ label }) => label)).toEqual([
    'port-writes writes=10',
    'port-writes writes=100',
    'port-writes writes=1000',
  ]);
  expect(workloads[1]).toMatchObject({
    parameters: { writes: 100, ports: 1 },
    size: { full: 100 },
    swept: { writes: 100 },
  });
  expect(variants.map(({ name }) => name)).toEqual(['none', 'idle', 'backend-simple']);
});

test('a swept option is added to the arguments of QEMU, and the number of CPUs follows -smp', () => {
  const { workloads, qemu } = planOf({
    qemu: { version: '7.2', target: 'x86_64-softmmu', arguments: ['-m', '1G'] },
    sweep: { smp: [1, 2, 4] },
  });

  expect(workloads.map(({ label, vcpus, qemu }) => [label, vcpus, qemu!.arguments])).toEqual([
    ['port-writes smp=1 -m 1G', 1, ['-smp', '1']],
    ['port-writes smp=2 -m 1G', 2, ['-smp', '2']],
    ['port-writes smp=4 -m 1G', 4, ['-smp', '4']],
  ]);
  expect(qemu).toEqual({ arguments: ['-m', '1G'] });
});

test("a placeholder in a workload's arguments is swept in place of the option of that name", () => {
  const { workloads } = planOf({
    workloads: [{ name: 'port-writes', qemu: { arguments: ['-smp', 'cpus={smp},maxcpus=8'] } }],
    sweep: { smp: [2, 4] },
  });

  expect(workloads.map(({ vcpus, qemu, swept }) => [vcpus, qemu!.arguments, swept])).toEqual([
    [2, ['-smp', 'cpus={smp},maxcpus=8'], { smp: 2 }],
    [4, ['-smp', 'cpus={smp},maxcpus=8'], { smp: 4 }],
  ]);
});

test('a placeholder in an argument of the instrumentation makes variants, and others stay', () => {
  const { variants, workloads } = planOf({
    ...WITH_CODE,
    variants: ['none', 'idle', 'dynamic', { mode: 'static', arguments: ['fixed'] }],
    arguments: ['limit={limit}'],
    sweep: { limit: [10, 'no'] },
  });

  expect(variants.map(({ name, swept }) => [name, swept])).toEqual([
    ['none', undefined],
    ['idle', undefined],
    ['dynamic limit=10', { limit: 10 }],
    ['dynamic limit=no', { limit: 'no' }],
    ['static', undefined],
  ]);
  expect(workloads).toHaveLength(1);
});

test('several swept names give every combination', () => {
  const { variants, workloads } = planOf({
    ...WITH_CODE,
    arguments: ['{limit}'],
    sweep: { writes: [10, 20], m: ['16M', '32M'], limit: [1, 2] },
  });

  expect(workloads.map(({ label }) => label)).toEqual([
    'port-writes m=16M writes=10',
    'port-writes m=32M writes=10',
    'port-writes m=16M writes=20',
    'port-writes m=32M writes=20',
  ]);
  expect(variants.map(({ name }) => name)).toEqual(['none', 'dynamic limit=1', 'dynamic limit=2']);
});

test('a sweep of events makes a variant of every event, on both sides', () => {
  const { variants } = planOf({ ...WITH_CODE, sweep: 'events', baseline: 'same' });

  expect(variants.map(({ side, name, events, swept }) => [side, name, events, swept])).toEqual(
    ['head', 'base'].flatMap((side) => [
      [side, 'none', undefined, undefined],
      ...['memory_region_ops_read', 'memory_region_ops_write'].map((event) => [
        side,
        `dynamic ${event}`,
        [event],
        { event },
      ]),
    ]),
  );
});

test("a sweep of events takes a variant's own events where it has some", () => {
  const { variants } = planOf({
    ...WITH_CODE,
    variants: ['none', { mode: 'dynamic', events: ['guest_mem_before'] }, 'idle'],
    sweep: 'events',
  });

  expect(variants.map(({ name }) => name)).toEqual([
    'none',
    'dynamic guest_mem_before',
    'idle memory_region_ops_read',
    'idle memory_region_ops_write',
  ]);
});

test.each<[string, Partial<JobRequest>, string]>([
  ['sweep.unknown', { sweep: { unknown: [1] } }, 'neither a parameter'],
  ['sweep.writes', { sweep: { writes: ['many'] } }, 'whole numbers'],
  ['sweep.writes', { sweep: { writes: [1, 1e9] } }, 'is 1000000000, not within 1 to 5000 writes'],
  ['sweep', { sweep: 'events', variants: ['none'] }, 'needs a variant that depends on events'],
  [
    'sweep',
    {
      sweep: {
        m: Array.from({ length: 20 }, (_, at) => at),
        cpu: Array.from({ length: 20 }, (_, at) => at),
      },
    },
    'makes 400 workloads; at most 256 are allowed',
  ],
])('a broken sweep names the field %s', (path, changes, message) => {
  expect(refusal(changes).details).toContainEqual({
    path,
    message: expect.stringContaining(message) as string,
  });
});

test('a broken rule about every value of a sweep is reported once', () => {
  const error = refusal({
    sweep: { m: [1, 2, 3] },
    workloads: [{ name: 'port-writes', parameters: { none: 1 } }],
  });

  expect(error.details).toHaveLength(1);
});

test('a workload that lacks a swept parameter is refused, as its runs would not differ', () => {
  const error = refusal({
    qemu: { version: '7.2', target: 'x86_64-linux-user' },
    workloads: [{ name: 'port-writes' }, { name: 'user-loop' }],
    sweep: { writes: [1, 2] },
  });

  expect(error.details).toContainEqual({
    path: 'sweep.writes',
    message: 'workloads without this parameter: user-loop',
  });
});

test("the job's arguments and environment are in the labels, by which histories tell workloads apart", () => {
  const qemu = { version: '7.2', target: 'x86_64-softmmu', arguments: ['-m', '1G'] };
  const workloads = [
    { name: 'port-writes', qemu: { arguments: ['-cpu', 'max'], environment: { A: 'b' } } },
    { name: 'port-writes', label: 'named' },
  ];
  const labels = (own: object) =>
    planOf({ qemu: { ...qemu, ...own }, workloads }).workloads.map(({ label }) => label);

  expect(labels({})).toEqual(['port-writes -m 1G -cpu max A=b', 'named']);
  expect(labels({ environment: { A: 'a', C: 'd' } })).toEqual([
    'port-writes -m 1G -cpu max A=b C=d',
    'named',
  ]);
});

test('workloads that differ in their arguments have different labels, and equal ones need one', () => {
  const labels = (workloads: object[]) => planOf({ workloads }).workloads.map(({ label }) => label);
  const name = 'port-writes';

  expect(
    labels([
      { name },
      { name, qemu: { arguments: ['-cpu', 'max'] } },
      { name, qemu: { environment: { A: 'b' } } },
      { name, label: 'with input', qemu: { stdin: 'x' } },
    ]),
  ).toEqual([name, 'port-writes -cpu max', 'port-writes A=b', 'with input']);
  expect(refusal({ workloads: [{ name }, { name, qemu: { stdin: 'x' } }] }).details).toEqual([
    {
      path: 'workloads.1',
      message: 'has the same label as workloads.0; give one of them another "label"',
    },
  ]);
  expect(
    refusal({ workloads: [{ name, qemu: { arguments: ['x'.repeat(300)] } }] }).details[0]!.path,
  ).toBe('workloads.0.label');
});
