// SPDX-License-Identifier: GPL-2.0-or-later
import { jobPlan, plannedWorkload, variantOf } from '#support/job-plan.js';
import { attempt, StoredJob, type FakeAttempt } from '../fake-job.js';

const SIZE = { parameter: 'n', empty: 1, full: 1_000, minimum: 1, maximum: 10_000 };
const scaled = plannedWorkload('scaled', { parameters: { n: 7 }, size: SIZE });
const plan = jobPlan({
  variants: [variantOf('none'), variantOf('backend', { backend: 'simple' })],
  workloads: [scaled, plannedWorkload('whole')],
});
const PROFILE = `version: 1
positions: line
events: Ir
summary: 100

ob=(1) /opt/qemu/bin/qemu-x86_64
fl=(1) ../src/linux-user/main.c
fn=(1) main
16 20
cfi=(2) ../src/accel/tcg/cpu-exec.c
cfn=(2) cpu_exec
calls=1 50
16 80

fl=(2)
fn=(2)
51 80
`;

async function profiled(options: FakeAttempt) {
  const job = new StoredJob();
  return { job, ...(await attempt(plan, job, { profile: PROFILE, ...options })) };
}

test('every variant is profiled with every workload, after all other runs', async () => {
  const { job, runs, error, left } = await profiled({
    target: 'x86_64-linux-user',
    instructions: true,
    output: ({ variant }) =>
      variant.includes('guest-instructions')
        ? 'total insns: 99\n'
        : '==7== Callgrind, \n==7== Collected : 1000\n',
  });

  expect([error, left]).toEqual([null, []]);
  expect(runs.slice(-4).map(({ wrapper }) => wrapper)).toEqual(['sh', 'sh', 'sh', 'sh']);
  expect(runs.slice(0, -4).some(({ wrapper }) => wrapper === 'sh')).toBe(false);
  expect(
    job.profiles.map(({ workload, variant, total, sizeValue }) => [
      workload,
      variant,
      total,
      sizeValue,
    ]),
  ).toEqual([
    ['scaled', 'none', 100, 1_000],
    ['scaled', 'backend', 100, 1_000],
    ['whole', 'none', 100, null],
    ['whole', 'backend', 100, null],
  ]);
  expect(job.profiles[0]!.split.filter(({ self }) => self > 0)).toEqual([
    { part: 'execution-loop', self: 80 },
    { part: 'start-up', self: 20 },
  ]);
});

test('a profiled run gives no sample', async () => {
  const { job } = await profiled({ target: 'x86_64-linux-user' });

  expect(job.stored.every(({ kind }) => kind === 'timed')).toBe(true);
  expect(new Set(job.stored.map(({ block }) => block))).toEqual(
    new Set(Array.from({ length: plan.blocks + 1 }, (_, block) => block)),
  );
});

test('a system guest is profiled with part of its work, or not if it cannot be scaled', async () => {
  const { job, log } = await profiled({ target: 'x86_64-softmmu' });

  expect(job.profiles.map(({ workload, sizeValue }) => [workload, sizeValue])).toEqual([
    ['scaled', 21],
    ['scaled', 21],
  ]);
  expect(log).toContain('whole is not profiled: callgrind runs a system emulator only with less');
});

test.each<[string, Partial<FakeAttempt>, string]>([
  [
    'fails under the profiler',
    { result: ({ wrapper }) => ({ exitStatus: wrapper === 'sh' ? 1 : 0 }) },
    'exit status 1',
  ],
  ['writes no profile', { profile: '' }, 'the run wrote no profile'],
  ['writes another file', { profile: 'hello' }, 'lacks the line'],
])('a run that %s is reported, and the job goes on', async (_, options, reason) => {
  const { job, log, error } = await profiled({ target: 'x86_64-linux-user', ...options });

  expect([error, job.profiles]).toEqual([null, []]);
  expect(log).toContain('scaled under none is not profiled: ');
  expect(log).toContain(reason);
});

test('a job without the wish for profiles takes none', async () => {
  const job = new StoredJob();
  const { runs } = await attempt(plan, job, { target: 'x86_64-linux-user' });

  expect([job.profiles, runs.some(({ wrapper }) => wrapper === 'sh')]).toEqual([[], false]);
});
