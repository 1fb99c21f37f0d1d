import { QibenchError } from '#contract/error.js';
import { JobRequest } from '#contract/job.js';
import { expectationWords } from '#contract/progress-words.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { matchesGlob } from '#domain/glob.js';
import { planJob } from '#domain/plan.js';
import { uploadsOf } from '#domain/uploads.js';
import type { Catalogue } from '#domain/catalogue.js';

const event = (name: string, ...properties: string[]) => ({
  name,
  directory: '',
  arguments: [],
  properties,
  kinds: ['softmmu' as const],
});
const parameter = (value: number, minimum: number, maximum: number) => ({
  description: '',
  type: 'integer',
  unit: 'writes',
  default: value,
  minimum,
  maximum,
  stage: 'run',
});

const CATALOGUE: Catalogue = {
  versions: {
    '7.2': {
      targets: ['x86_64-softmmu'],
      events: [
        event('memory_region_ops_read'),
        event('memory_region_ops_write'),
        event('cpu_in', 'disable'),
        event('guest_mem_before', 'vcpu'),
        { ...event('target_mmap'), kinds: ['linux-user'] },
      ],
    },
  },
  workloads: [
    WorkloadDefinition.parse({
      name: 'port-writes',
      summary: '',
      targets: ['x86_64-softmmu'],
      parameters: { writes: parameter(1000, 1, 5000), ports: parameter(1, 1, 4) },
      size: { parameter: 'writes', empty: 1 },
      run: { arguments: [], exitStatus: 33, timeoutSeconds: 60 },
    }),
    WorkloadDefinition.parse({
      name: 'user-loop',
      summary: '',
      targets: ['x86_64-linux-user'],
      run: { arguments: [], exitStatus: 0, timeoutSeconds: 5, vcpus: 4 },
    }),
  ],
};

test('a threshold above 1 is refused, because it is more likely meant as percent', () => {
  const plan = (changes: object) => () => planJob(request(changes), CATALOGUE, 1);

  expect(plan({ measure: { threshold: 5 } })).toThrow(
    'measure.threshold: 5 is 500 %; a threshold is at most 1, and 5 % are written 0.05',
  );
  expect(plan({ thresholds: [{ metric: 'userNs', threshold: 2 }] })).toThrow(
    'thresholds.0.threshold: 2 is 200 %',
  );
  expect(plan({ measure: { threshold: 1 } })).not.toThrow();
});

test('a plan of few blocks says how many a single difference needs', () => {
  const workloads = [{ name: 'port-writes' }, { name: 'port-writes', parameters: { ports: 2 } }];
  const plan = (changes: object) =>
    planJob(
      request({ variants: ['none', 'idle', { mode: 'plugin', plugin: 'bb' }], ...changes }),
      CATALOGUE,
      1,
    );

  expect(plan({ workloads, blocks: 6 })).toMatchObject({ blocks: 6, fewestBlocks: 8 });
  expect(expectationWords(plan({ workloads, blocks: 6 }))).toBe(
    'measures 6 blocks, which cannot detect a single difference, however large it is: that takes ' +
      'at least 8',
  );
  expect(expectationWords(plan({ workloads, blocks: 8 }))).toBe('measures 8 blocks');
  expect(plan({ workloads }).fewestBlocks).toBeNull();
});

test("an unknown event of a job with patches may be one of the patches', and the error says so", () => {
  const patches = `sha256:${'1'.repeat(64)}`;
  const qemu = { version: '7.2', target: 'x86_64-softmmu' };
  const plan = (given: object) => () =>
    planJob(request({ events: ['my_event'], qemu: { ...qemu, ...given } }), CATALOGUE, 1);

  expect(plan({ patches })).toThrow(/my_event.*an event that the job's patches add cannot be/);
  expect(plan({})).not.toThrow(/patches add/);
});

const request = (changes: object = {}): JobRequest =>
  JobRequest.parse({
    name: 'job',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_*'],
    variants: ['none', 'idle', { mode: 'backend', backend: 'simple', trace: true }],
    workloads: [{ name: 'port-writes' }],
    ...changes,
  });

function refusal(changes: object): QibenchError {
  try {
    planJob(request(changes), CATALOGUE, 1);
  } catch (error) {
    if (error instanceof QibenchError) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

describe('planJob', () => {
  test('expands patterns, names variants and fills in defaults', () => {
    expect(planJob(request(), CATALOGUE, 42)).toEqual({
      events: ['memory_region_ops_read', 'memory_region_ops_write'],
      sides: {
        head: {
          qemu: { version: '7.2', target: 'x86_64-softmmu', patches: null },
          events: ['memory_region_ops_read', 'memory_region_ops_write'],
          instrumentation: null,
        },
        base: null,
        same: false,
      },
      variants: [
        {
          name: 'none',
          side: 'head',
          mode: 'none',
          backend: null,
          plugin: null,
          arguments: [],
          trace: false,
        },
        {
          name: 'idle',
          side: 'head',
          mode: 'idle',
          backend: null,
          plugin: null,
          arguments: [],
          trace: false,
        },
        {
          name: 'backend-simple',
          side: 'head',
          mode: 'backend',
          backend: 'simple',
          plugin: null,
          arguments: [],
          trace: true,
        },
      ],
      workloads: [
        {
          label: 'port-writes',
          name: 'port-writes',
          parameters: { writes: 1000, ports: 1 },
          timeoutSeconds: 60,
          vcpus: 1,
          size: { parameter: 'writes', empty: 1, full: null, minimum: 1, maximum: 5000 },
        },
      ],
      blocks: 768,
      batches: 1,
      withinSeconds: 300,
      fewestBlocks: null,
      links: 16,
      expected: null,
      threshold: 0.02,
      thresholds: [],
      seed: 42,
    });
  });

  test('measures until decided or for a fixed number of blocks, and only the latter can be confirmed', () => {
    const planned = (changes: object) => {
      const { blocks, batches, withinSeconds, links, threshold } = planJob(
        request(changes),
        CATALOGUE,
        1,
      );
      return { blocks, batches, withinSeconds, links, threshold };
    };
    const untilDecided = {
      blocks: 768,
      batches: 1,
      withinSeconds: 300,
      links: 16,
      threshold: 0.02,
    };

    expect(planned({})).toEqual(untilDecided);
    expect(planned({ baseline: 'same' })).toEqual(untilDecided);
    expect(planned({ measure: { within: '90s', threshold: 0.05 } })).toEqual({
      ...untilDecided,
      withinSeconds: 90,
      threshold: 0.05,
    });
    const fixed = { ...untilDecided, withinSeconds: null };
    expect(planned({ blocks: 6 })).toEqual({ ...fixed, blocks: 6, links: 6 });
    expect(planned({ blocks: 20, measure: { threshold: 0.1 } })).toEqual({
      ...fixed,
      blocks: 20,
      threshold: 0.1,
    });
    expect(planned({ blocks: 6, baseline: 'same' })).toEqual({
      ...fixed,
      blocks: 6,
      batches: 2,
      links: 12,
    });
    expect(planned({ blocks: 6, baseline: 'same', confirm: false })).toMatchObject({ batches: 1 });
    expect(planned({ variants: ['none'] })).toMatchObject({ blocks: 24, withinSeconds: null });
  });

  test('refuses two end conditions, and confirmation without fixed blocks or without a base', () => {
    expect(refusal({ blocks: 6, measure: { within: '1m' } }).details).toEqual([
      { path: 'measure.within', message: expect.stringContaining('"blocks"') as string },
    ]);
    expect(refusal({ confirm: true, baseline: 'same' }).details).toEqual([
      { path: 'confirm', message: expect.stringContaining('"blocks"') as string },
    ]);
    expect(refusal({ confirm: true, blocks: 6 }).details).toEqual([
      { path: 'confirm', message: expect.stringContaining('"baseline"') as string },
    ]);
  });

  test('doubles the links if layout mattered before, and states the expected duration', () => {
    const guest = (layoutSd: number | null, workload = 'port-writes') => ({
      hostFingerprint: 'h1',
      target: 'x86_64-softmmu' as const,
      workload,
      noiseSd: 0.01,
      layoutSd,
      runSeconds: 0.1,
    });
    const planned = (...guests: ReturnType<typeof guest>[]) =>
      planJob(request(), CATALOGUE, 1, null, guests);

    expect(planned(guest(0.011)).links).toBe(32);
    expect(
      [guest(0.01), guest(null), guest(0.5, 'other')].map((one) => planned(one).links),
    ).toEqual([16, 16, 16]);
    // Three variants at the empty and the full size: the tracing variant forms a group of two.
    expect(planned(guest(null)).expected).toEqual({
      blocks: 16,
      seconds: expect.closeTo(16 * 8 * 0.1, 9) as number,
      noiseSd: 0.01,
      hostFingerprint: 'h1',
    });
    expect(planned(guest(null, 'other')).expected).toBeNull();
  });

  test('leaves the size of a workload to the host if the request does not set it', () => {
    const size = (parameters: object) =>
      planJob(request({ workloads: [{ name: 'port-writes', parameters }] }), CATALOGUE, 1)
        .workloads[0]!.size!.full;

    expect([size({}), size({ ports: 2 }), size({ writes: 500 })]).toEqual([null, null, 500]);
    const user = planJob(
      request({
        qemu: { version: '7.2', target: 'x86_64-linux-user' },
        events: [],
        variants: ['none'],
        workloads: [{ name: 'user-loop' }],
      }),
      { ...CATALOGUE, versions: { '7.2': { targets: ['x86_64-linux-user'], events: [] } } },
      1,
    );
    expect(user.workloads[0]).toMatchObject({ vcpus: 4, size: null });
  });

  test('accepts a disabled event only under its full name', () => {
    expect(planJob(request({ events: ['*'] }), CATALOGUE, 1).events).not.toContain('cpu_in');
    expect(planJob(request({ events: ['cpu_in', 'cpu_in'] }), CATALOGUE, 1).events).toEqual([
      'cpu_in',
    ]);
    expect(refusal({ events: ['cpu_*'] }).details[0]!.message).toContain('disables');
  });

  test('labels workloads by the given parameters', () => {
    const plan = planJob(
      request({
        workloads: [
          { name: 'port-writes' },
          { name: 'port-writes', parameters: { writes: 5, ports: 2 }, timeoutSeconds: 9 },
        ],
      }),
      CATALOGUE,
      1,
    );
    expect(plan.workloads.map(({ label }) => label)).toEqual([
      'port-writes',
      'port-writes ports=2 writes=5',
    ]);
    expect(plan.workloads[1]).toMatchObject({
      parameters: { writes: 5, ports: 2 },
      timeoutSeconds: 9,
    });
  });

  test('suggests near names for an unknown event', () => {
    const error = refusal({ events: ['memory_region_ops_wirte'] });
    expect(error.code).toBe('UNKNOWN_EVENT');
    expect(error.message).toBe(
      'events.0: no event of QEMU 7.2 matches "memory_region_ops_wirte"; did you mean ' +
        '"memory_region_ops_write", "memory_region_ops_read"?',
    );
    expect(error.details).toEqual([
      { path: 'events.0', message: expect.stringContaining('did you mean') },
    ]);
  });

  test('refuses an unknown version and an unknown workload with separate codes', () => {
    expect(refusal({ qemu: { version: '__proto__', target: 'x86_64-softmmu' } })).toMatchObject({
      code: 'UNKNOWN_QEMU_VERSION',
      details: [{ path: 'qemu.version' }],
    });
    const workload = refusal({ workloads: [{ name: 'port-write' }] });
    expect(workload).toMatchObject({
      code: 'UNKNOWN_WORKLOAD',
      details: [{ path: 'workloads.0.name' }],
    });
    expect(workload.message).toBe(
      'workloads.0.name: no workload "port-write"; did you mean "port-writes"?',
    );
  });

  test("accepts plugins, QEMU's own and uploaded ones, without events", () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const variants = [
      'none',
      { mode: 'plugin', plugin: 'insn' },
      { mode: 'plugin', plugin: 'insn', name: 'inline', arguments: ['inline=on'] },
      { mode: 'plugin', plugin: digest },
    ];
    const plan = planJob(request({ events: undefined, variants }), CATALOGUE, 1);
    expect(plan.events).toEqual([]);
    expect(plan.variants.slice(1)).toEqual([
      {
        name: 'plugin-insn',
        side: 'head',
        mode: 'plugin',
        backend: null,
        plugin: 'insn',
        arguments: [],
        trace: false,
      },
      {
        name: 'inline',
        side: 'head',
        mode: 'plugin',
        backend: null,
        plugin: 'insn',
        arguments: ['inline=on'],
        trace: false,
      },
      {
        name: 'plugin',
        side: 'head',
        mode: 'plugin',
        backend: null,
        plugin: digest,
        arguments: [],
        trace: false,
      },
    ]);
    expect(uploadsOf(request({ instrumentation: digest, variants }))).toEqual([
      { field: 'instrumentation', digest, kind: 'code' },
      { field: 'variants.3.plugin', digest, kind: 'code' },
    ]);
  });

  test('refuses every other mode except none without events', () => {
    expect(
      refusal({ events: [], variants: ['none', 'idle', { mode: 'backend', backend: 'log' }] })
        .details,
    ).toEqual([
      { path: 'variants.1', message: 'mode "idle" needs "events"' },
      { path: 'variants.2', message: 'mode "backend" needs "events"' },
    ]);
  });

  test('reports all broken rules at once', () => {
    const error = refusal({
      qemu: { version: '7.2', target: 'x86_64-linux-user' },
      events: ['memory_region_ops_read', 'nothing_like_it'],
      variants: ['none', 'none', 'dynamic', 'static'],
      workloads: [
        { name: 'port-writes', parameters: { writes: 5001, reads: 1 } },
        { name: 'user-loop' },
        { name: 'user-loop' },
      ],
    });
    expect(error.code).toBe('INVALID_REQUEST');
    expect(error.details.map(({ path }) => path)).toEqual([
      'qemu.target',
      'events.1',
      'variants.1',
      'variants.2',
      'variants.3',
      'workloads.0.name',
      'workloads.0.parameters.writes',
      'workloads.0.parameters.reads',
      'workloads.2',
    ]);
    expect(error.details[4]).toEqual({
      path: 'variants.3',
      message: 'mode "static" needs "instrumentation"',
    });
    expect(error.details[6]!.message).toBe('is 5001, not within 1 to 5000 writes');
    expect(error.message).toContain('breaks 9 rule(s)');
    expect(error.message).toContain('and 6 more');
  });
});

describe('matchesGlob', () => {
  test.each([
    ['a*c', 'abbc', true],
    ['a*c', 'abbd', false],
    ['?', '', false],
    ['*', '', true],
    ['**b?', 'aabc', true],
    ['a', 'ab', false],
    ['*a', 'aab', false],
    ['m*_w*e', 'memory_region_ops_write', true],
  ])('%s against %s is %s', (pattern, name, expected) => {
    expect(matchesGlob(pattern, name)).toBe(expected);
  });

  test('handles a hostile pattern in bounded time', () => {
    const start = performance.now();
    expect(matchesGlob(`${'*a'.repeat(60)}*b`, 'a'.repeat(128))).toBe(false);
    expect(performance.now() - start).toBeLessThan(100);
  });

  test("refuses an event that the target's emulators do not have", () => {
    expect(refusal({ events: ['target_mmap'] }).details).toEqual([
      {
        path: 'events.0',
        message: 'QEMU 7.2 has "target_mmap" only in emulators of other kinds than x86_64-softmmu',
      },
    ]);
  });
});
