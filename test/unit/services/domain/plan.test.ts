// SPDX-License-Identifier: GPL-2.0-or-later
import { planJob } from '#domain/plan.js';
import { CATALOGUE, planRequest, refusal } from '#support/plan-request.js';

describe('planJob', () => {
  test('expands patterns, names variants and fills in defaults', () => {
    expect(planJob(planRequest(), CATALOGUE, 42)).toEqual({
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
        planRequest(changes),
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
      planJob(planRequest(), CATALOGUE, 1, null, guests);

    expect(planned(guest(0.011)).links).toBe(32);
    expect(
      [guest(0.01), guest(null), guest(0.5, 'other')].map((noise) => planned(noise).links),
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
      planJob(planRequest({ workloads: [{ name: 'port-writes', parameters }] }), CATALOGUE, 1)
        .workloads[0]!.size!.full;

    expect([size({}), size({ ports: 2 }), size({ writes: 500 })]).toEqual([null, null, 500]);
    const user = planJob(
      planRequest({
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
    expect(planJob(planRequest({ events: ['*'] }), CATALOGUE, 1).events).not.toContain('cpu_in');
    expect(planJob(planRequest({ events: ['cpu_in', 'cpu_in'] }), CATALOGUE, 1).events).toEqual([
      'cpu_in',
    ]);
    expect(refusal({ events: ['cpu_*'] }).details[0]!.message).toContain('disables');
  });

  test('labels workloads by the given parameters', () => {
    const plan = planJob(
      planRequest({
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

  test("refuses an event that the target's emulators do not have", () => {
    expect(refusal({ events: ['target_mmap'] }).details).toEqual([
      {
        path: 'events.0',
        message: 'QEMU 7.2 has "target_mmap" only in emulators of other kinds than x86_64-softmmu',
      },
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
