// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { JOB_LIMITS, JobPlan, JobRequest } from '#contract/job.js';
import { shownVariant, type PlannedSide } from '#contract/side.js';
import { WorkloadDefinition } from '#contract/workload.js';
import type { Catalogue } from '#domain/catalogue.js';
import { planJob } from '#domain/plan.js';
import { sidesOf } from '#domain/plan-sides.js';
import { resolvedRequest } from '#domain/resolved-request.js';
import { thresholdOf } from '#domain/thresholds.js';
import { uploadsOf, uploadsOfJob } from '#domain/uploads.js';

const event = (name: string) => ({
  name,
  directory: '',
  arguments: [],
  properties: [],
  kinds: ['softmmu' as const],
});
const parameter = (value: number) => ({
  description: '',
  type: 'integer',
  unit: 'n',
  default: value,
  minimum: 1,
  maximum: 5000,
  stage: 'run',
});
const CATALOGUE: Catalogue = {
  versions: {
    '7.2': { targets: ['x86_64-softmmu'], events: [event('ops_read'), event('ops_write')] },
    '10.0': {
      targets: ['x86_64-softmmu'],
      events: [event('ops_read'), event('ops_write'), event('ops_new')],
    },
  },
  workloads: [
    WorkloadDefinition.parse({
      name: 'port-io',
      summary: '',
      targets: ['x86_64-softmmu'],
      run: { arguments: [], exitStatus: 0, timeoutSeconds: 60 },
      parameters: { writes: parameter(1000), ports: parameter(1) },
      size: { parameter: 'writes', empty: 1 },
    }),
  ],
};
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const ID = '00000000-0000-4000-8000-000000000000';

const request = (changes: object = {}): JobRequest =>
  JobRequest.parse({
    name: 'job',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['ops_*'],
    instrumentation: digest('a'),
    variants: ['none', 'dynamic'],
    workloads: [{ name: 'port-io' }],
    ...changes,
  });
const plan = (changes: object, other: PlannedSide | null = null): JobPlan =>
  planJob(request(changes), CATALOGUE, 1, other);

function paths(changes: object, other: PlannedSide | null = null): string[] {
  try {
    plan(changes, other);
    return [];
  } catch (error) {
    return (error as QibenchError).details.map(({ path }) => path);
  }
}

describe('a job with a baseline', () => {
  test('runs every variant on both sides, head first, each under its own name', () => {
    const { variants, sides } = plan({ baseline: { instrumentation: digest('b') } });
    expect(variants.map(shownVariant)).toEqual(['none', 'dynamic', 'none@base', 'dynamic@base']);
    expect(sides!.head.instrumentation).toBe(digest('a'));
    expect(sides!.base).toEqual({ ...sides!.head, instrumentation: digest('b') });
  });

  test(
    "takes fields missing from the baseline from the head side, with the events of the base's " +
      'own QEMU',
    () => {
      const { sides } = plan({
        qemu: { version: '7.2', target: 'x86_64-softmmu', patches: digest('c') },
        baseline: { version: '10.0' },
      });
      expect(sides!.base).toEqual({
        qemu: { version: '10.0', target: 'x86_64-softmmu', patches: digest('c') },
        events: ['ops_new', 'ops_read', 'ops_write'],
        instrumentation: digest('a'),
      });
      expect(
        plan({
          qemu: { version: '7.2', target: 'x86_64-softmmu', patches: digest('c') },
          baseline: { patches: null },
        }).sides!.base!.qemu.patches,
      ).toBeNull();
    },
  );

  test(
    'takes QEMU, patches, events and instrumentation from the job that the baseline names, ' +
      'except for overridden fields',
    () => {
      const other: PlannedSide = {
        qemu: { version: '10.0', target: 'x86_64-softmmu', patches: digest('d') },
        events: ['ops_new'],
        instrumentation: digest('e'),
      };
      expect(plan({ baseline: { job: ID } }, other).sides!.base).toEqual(other);
      expect(plan({ baseline: { job: ID, patches: null } }, other).sides!.base).toEqual({
        ...other,
        qemu: { ...other.qemu, patches: null },
      });
    },
  );

  test('is an A/A job if the base is the job itself', () => {
    const { sides, variants } = plan({ baseline: 'same' });
    expect(sides).toMatchObject({ same: true });
    expect(sides!.base).toEqual(sides!.head);
    expect(variants).toHaveLength(4);
  });

  test('is refused with the path of the field if a side is impossible', () => {
    const other: PlannedSide = {
      qemu: { version: '10.0', target: 'x86_64-linux-user', patches: null },
      events: [],
      instrumentation: null,
    };
    expect(paths({ baseline: { version: '1.0' } })).toEqual(['baseline.version']);
    expect(paths({ baseline: { events: ['ops_nothing'] } })).toEqual(['baseline.events.0']);
    expect(paths({ baseline: { job: ID } }, other)).toEqual(
      expect.arrayContaining(['baseline.job', 'baseline.instrumentation', 'baseline.events']),
    );
    expect(() => request({ baseline: {} })).toThrow('must name at least one difference');
  });

  test('reports an error in shared patterns once', () => {
    expect(paths({ events: ['ops_nothing'], baseline: 'same' })).toEqual(['events.0']);
    expect(paths({ events: ['ops_nothing'], baseline: { patches: null } })).toEqual(['events.0']);
  });

  test('counts the variants of both sides', () => {
    const variants = [
      'none',
      ...Array.from({ length: JOB_LIMITS.variants / 2 }, (_, index) => ({
        mode: 'dynamic',
        name: `d${index}`,
      })),
    ];
    expect(paths({ variants })).toEqual([]);
    expect(paths({ variants, baseline: 'same' })).toEqual(['variants']);
  });

  test('refuses a threshold for an unknown workload or metric', () => {
    expect(
      paths({
        thresholds: [
          { workload: 'port-io', threshold: 0.1 },
          { workload: 'matmult', threshold: 0.1 },
        ],
      }),
    ).toEqual(['thresholds.1.workload']);
    expect(
      paths({
        thresholds: [
          { metric: 'userNs', threshold: 0.1 },
          { metric: 'speed', threshold: 0.1 },
        ],
      }),
    ).toEqual(['thresholds.1.metric']);
    // A metric counted never or only once could not be judged.
    const instructions = { thresholds: [{ metric: 'hostInstructions', threshold: 0.01 }] };
    expect(paths(instructions)).toEqual(['thresholds.0.metric']);
    expect(paths({ ...instructions, instructions: true })).toEqual([]);
    expect(
      paths({ thresholds: [{ metric: 'guestInstructions', threshold: 0.01 }], instructions: true }),
    ).toEqual(['thresholds.0.metric']);
  });

  test("reserves the name of the variant that counts the guest's instructions", () => {
    expect(
      paths({ instructions: true, variants: [{ mode: 'none', name: 'guest-instructions' }] }),
    ).toEqual(['variants.0']);
  });
});

test('a plan from before sides existed is the head side of its request', () => {
  const old = JobPlan.parse({
    events: ['ops_write'],
    variants: [{ name: 'none', mode: 'none', backend: null, trace: false }],
    workloads: [],
    blocks: 6,
    seed: 1,
  });
  expect(old).toMatchObject({
    sides: null,
    batches: 1,
    threshold: 0.02,
    variants: [{ side: 'head' }],
  });
  expect(sidesOf({ plan: old, request: request() })).toEqual({
    head: {
      qemu: { version: '7.2', target: 'x86_64-softmmu', patches: null },
      events: ['ops_write'],
      instrumentation: digest('a'),
    },
    base: null,
    same: false,
  });
});

test('a job needs the uploads of both sides, each once', () => {
  const wanted = request({
    qemu: { version: '7.2', target: 'x86_64-softmmu', patches: digest('c') },
    baseline: { job: ID, patches: digest('f') },
  });
  const other: PlannedSide = {
    qemu: { version: '7.2', target: 'x86_64-softmmu', patches: digest('d') },
    events: ['ops_new'],
    instrumentation: digest('e'),
  };
  expect(uploadsOf(wanted).map(({ field, kind }) => [field, kind])).toEqual([
    ['instrumentation', 'code'],
    ['qemu.patches', 'patches'],
    ['baseline.patches', 'patches'],
  ]);
  const needed = uploadsOfJob({
    request: wanted,
    plan: planJob({ ...wanted, events: ['ops_*'] }, CATALOGUE, 1, {
      ...other,
      events: ['ops_read'],
    }),
  });
  expect(needed.map((upload) => upload.digest).sort()).toEqual([
    digest('a'),
    digest('c'),
    digest('e'),
    digest('f'),
  ]);
});

test('a complete request gives the same plan again, without the job that it was compared with', () => {
  const other: PlannedSide = {
    qemu: { version: '10.0', target: 'x86_64-softmmu', patches: digest('d') },
    events: ['ops_new'],
    instrumentation: digest('e'),
  };
  for (const changes of [
    {},
    { baseline: 'same' },
    { measure: { within: '2m', threshold: 0.05 } },
    { variants: ['none'] },
    {
      baseline: 'same',
      thresholds: [{ workload: 'port-io ports=3', threshold: 0.1 }],
      workloads: [{ name: 'port-io', parameters: { ports: 3 } }, { name: 'port-io' }],
    },
    {
      baseline: { job: ID },
      blocks: 12,
      confirm: false,
      thresholds: [{ workload: 'port-io writes=5', threshold: 0.1 }],
      workloads: [{ name: 'port-io', parameters: { writes: 5 } }],
    },
    {
      qemu: { version: '7.2', target: 'x86_64-softmmu', arguments: ['-m', '1G'], stdin: 'x' },
      arguments: ['{limit}'],
      sweep: { writes: [10, 20], limit: [1, 2] },
      workloads: [{ name: 'port-io', qemu: { environment: { A: 'b' } } }],
      thresholds: [{ workload: 'port-io writes=20 -m 1G A=b', threshold: 0.1 }],
    },
    {
      sweep: 'events',
      variants: [
        'none',
        { mode: 'dynamic', name: 'own', instrumentation: digest('c'), events: ['ops_r*'] },
        { mode: 'dynamic', arguments: ['x'] },
      ],
      baseline: { version: '7.2', events: ['ops_*'], instrumentations: { own: digest('d') } },
    },
  ]) {
    const first = planJob(request(changes), CATALOGUE, 77, other);
    const resolved = JobRequest.parse(resolvedRequest({ plan: first, request: request(changes) }));
    const again = planJob(resolved, CATALOGUE, 1);
    expect({ ...again, workloads: first.workloads, thresholds: first.thresholds }).toEqual(first);
    expect(again.workloads.map(({ label }) => thresholdOf(again, label, 'wallNs'))).toEqual(
      first.workloads.map(({ label }) => thresholdOf(first, label, 'wallNs')),
    );
    expect(again.workloads.map(({ name, parameters }) => ({ name, parameters }))).toEqual(
      first.workloads.map(({ name, parameters }) => ({ name, parameters })),
    );
  }
});
