// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { JobPlan } from '#contract/job.js';
import { WorkloadDefinition } from '#contract/workload.js';
import type { WorkloadUpload } from '#contract/workload-upload.js';
import { definitionOf, definitionsOf } from '#domain/definitions.js';
import { guestNoiseOf } from '#domain/guest-noise.js';
import type { GuestNoise } from '#domain/expectation.js';
import { planJob } from '#domain/plan.js';
import { resolvedRequest } from '#domain/resolved-request.js';
import { uploadsOf } from '#domain/uploads.js';
import { CATALOGUE, planRequest } from '#support/plan-request.js';
import { sampleOf } from '#support/sample.js';

const [FIRST, SECOND] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

const upload = (name: string, details: object = {}): WorkloadUpload => ({
  method: 'files',
  definition: WorkloadDefinition.parse({
    name,
    summary: '',
    targets: ['x86_64-softmmu'],
    parameters: {
      rounds: {
        description: '',
        type: 'integer',
        unit: 'rounds',
        default: 10,
        minimum: 1,
        maximum: 100,
        stage: 'run',
      },
    },
    size: { parameter: 'rounds', empty: 1 },
    run: { arguments: [], exitStatus: 0, timeoutSeconds: 7, vcpus: 2 },
    metrics: [{ name: 'work.done', unit: 'rounds', direction: 'larger', description: '' }],
    ...details,
  }),
});

const planned = (
  workloads: object[],
  uploaded: [string, WorkloadUpload][] = [[FIRST, upload('mine')]],
  changes: object = {},
  guests: GuestNoise[] = [],
) => planJob(planRequest({ workloads, ...changes }), CATALOGUE, 1, null, guests, new Map(uploaded));

const refusalOf = (...input: Parameters<typeof planned>): [string, string][] => {
  try {
    planned(...input);
  } catch (error) {
    if (!(error instanceof QibenchError)) throw error;
    return error.details.map(({ path, message }) => [path, message]);
  }
  throw new Error('the request was accepted');
};

test('an uploaded workload is planned by its own file, which the plan keeps', () => {
  const plan = planned([{ from: FIRST, parameters: { rounds: 5 } }]);

  expect(plan.workloads).toMatchObject([
    {
      label: 'mine rounds=5',
      name: 'mine',
      parameters: { rounds: 5 },
      timeoutSeconds: 7,
      vcpus: 2,
      size: { parameter: 'rounds', empty: 1, full: 5 },
      uploaded: { digest: FIRST, method: 'files', definition: { name: 'mine' } },
    },
  ]);
  expect(JobPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
});

test('a shipped workload has no upload, and its definition comes from the catalogue', () => {
  const { workloads } = planned([{ name: 'port-writes' }, { from: FIRST }]);

  expect(workloads.map(({ uploaded }) => uploaded?.digest)).toEqual([undefined, FIRST]);
  expect(workloads.map((one) => definitionOf(one, CATALOGUE.workloads)!.name)).toEqual([
    'port-writes',
    'mine',
  ]);
  expect(definitionOf({ name: 'gone' }, CATALOGUE.workloads)).toBeUndefined();
});

test('an uploaded workload may have the name of a shipped one, whose figures it does not take', () => {
  const noise: GuestNoise = {
    hostFingerprint: 'h',
    target: 'x86_64-softmmu',
    workload: 'port-writes',
    noiseSd: 0.01,
    layoutSd: 0.5,
    runSeconds: 1,
  };
  const changes = { variants: ['none', 'idle'] };
  const own = planned([{ from: FIRST }], [[FIRST, upload('port-writes')]], changes, [noise]);
  const shipped = planned([{ name: 'port-writes' }], [], changes, [noise]);

  expect([own.expected, own.links]).toEqual([null, 16]);
  expect([shipped.expected?.noiseSd, shipped.links]).toEqual([0.01, 32]);
  expect(definitionsOf(own, CATALOGUE.workloads)[0]!.run.timeoutSeconds).toBe(7);
});

test("an uploaded guest's noise joins no list that other projects see", () => {
  const guests = (workload: object) => {
    const plan = planned([workload], undefined, { variants: ['none', 'idle'] });
    const samples = Array.from({ length: 12 }, (_, index) => index + 1).flatMap((block) =>
      ['none', 'idle'].map((variant, position) =>
        sampleOf({
          block,
          variant,
          position,
          workload: plan.workloads[0]!.label,
          wallNs: String(1e8 + 1e6 * ((block * 7 + position * 3) % 5)),
        }),
      ),
    );
    return guestNoiseOf(plan, 'x86_64-softmmu', samples).map(({ workload: label }) => label);
  };

  expect(guests({ name: 'port-writes' })).toEqual(['port-writes']);
  expect(guests({ from: FIRST })).toEqual([]);
});

test('within a job, a name stands for one workload', () => {
  const two: [string, WorkloadUpload][] = [
    [FIRST, upload('mine')],
    [SECOND, upload('mine')],
  ];

  expect(refusalOf([{ from: FIRST }, { from: SECOND, parameters: { rounds: 3 } }], two)).toEqual([
    [
      'workloads.1',
      'has the name "mine", as workloads.0, another workload; rename one in its workload.yaml',
    ],
  ]);
  expect(refusalOf([{ from: FIRST }, { from: FIRST }])).toEqual([
    ['workloads.1', 'has the same label as workloads.0; give one of them another "label"'],
  ]);
  expect(
    planned([{ from: FIRST }, { from: FIRST, parameters: { rounds: 3 } }]).workloads,
  ).toHaveLength(2);
});

test('rules of the own file are reported at its fields', () => {
  const other: [string, WorkloadUpload][] = [
    [FIRST, upload('mine', { targets: ['x86_64-linux-user'] })],
  ];

  expect(refusalOf([{ from: FIRST, parameters: { rounds: 101, turns: 1 } }], other)).toEqual([
    ['workloads.0.from', '"mine" does not run on x86_64-softmmu; it runs on x86_64-linux-user'],
    ['workloads.0.parameters.rounds', 'is 101, not within 1 to 100 rounds'],
    ['workloads.0.parameters.turns', '"mine" has no parameter "turns"; it has rounds'],
  ]);
});

test.each<[string, string[], object, number]>([
  ['its own arguments', ['-smp', '4'], {}, 4],
  ['its own arguments with a parameter', ['-smp', 'cpus={rounds}'], {}, 10],
  ['the variant with the most', ['-smp', '{turns}'], {}, 8],
  ["the job's arguments, which follow", ['-smp', '4'], { arguments: ['-smp', '3'] }, 3],
  ["the job's arguments with a parameter", [], { arguments: ['-smp', '{rounds}'] }, 10],
  ['`vcpus` without -smp', ['-m', '1G'], {}, 2],
])('a system guest has as many virtual CPUs as %s', (_, words, qemu, vcpus) => {
  const parameter = { description: '', type: 'integer', unit: '', minimum: 1, maximum: 100 };
  const own = upload('mine', {
    parameters: {
      rounds: { ...parameter, default: 10, stage: 'run' },
      turns: { ...parameter, default: 1, stage: 'run' },
    },
    run: { arguments: words, exitStatus: 0, timeoutSeconds: 7, vcpus: 2 },
  });
  const plan = planned([{ from: FIRST }], [[FIRST, own]], {
    qemu: { version: '7.2', target: 'x86_64-softmmu', ...qemu },
    variants: ['none', { mode: 'none', name: 'more', parameters: { turns: 8 } }],
  });

  expect(plan.workloads[0]!.vcpus).toBe(vcpus);
});

test("in user mode, a -smp among the program's arguments sets no virtual CPUs", () => {
  const target = 'x86_64-linux-user';
  const catalogue = {
    ...CATALOGUE,
    versions: { '7.2': { targets: [target], events: [] } },
  } as const;
  const own = upload('mine', {
    targets: [target],
    run: { arguments: ['/workload/guest', '-smp', '4'], exitStatus: 0, timeoutSeconds: 7 },
  });
  const request = planRequest({
    qemu: { version: '7.2', target },
    events: [],
    variants: ['none'],
    workloads: [{ from: FIRST }],
  });
  const plan = planJob(request, catalogue, 1, null, [], new Map([[FIRST, own]]));

  expect(plan.workloads[0]!.vcpus).toBe(1);
});

test('a threshold may name a metric that the own file declares', () => {
  const thresholds = [{ workload: 'mine', metric: 'work.done', threshold: 0.05 }];

  expect(planned([{ from: FIRST }], undefined, { thresholds }).thresholds).toEqual(thresholds);
  expect(refusalOf([{ name: 'port-writes' }], [], { thresholds })[0]![0]).toBe(
    'thresholds.0.metric',
  );
});

test('a job names its uploaded workloads, and so does the request that repeats it', () => {
  const request = planRequest({ workloads: [{ name: 'port-writes' }, { from: FIRST }] });
  const plan = planJob(request, CATALOGUE, 1, null, [], new Map([[FIRST, upload('mine')]]));

  expect(uploadsOf(request)).toEqual([
    { field: 'workloads.1.from', digest: FIRST, kind: 'workload' },
  ]);
  expect(resolvedRequest({ plan, request }).workloads).toEqual([
    { name: 'port-writes', parameters: { ports: 1 }, timeoutSeconds: 60 },
    { from: FIRST, parameters: {}, timeoutSeconds: 7 },
  ]);
});
