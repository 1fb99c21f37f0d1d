// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError, type ErrorCode } from '#contract/error.js';
import type { Job } from '#contract/job.js';
import type { Target } from '#contract/qemu.js';
import {
  countsOf,
  guestCounter,
  guestRuns,
  hostRuns,
  isTolerated,
  missingCount,
  uncountable,
} from '#worker/measure/instructions.js';
import { countingRun } from '#worker/measure/run.js';
import { jobPlan, onBothSides, plannedWorkload, variantOf } from '#support/job-plan.js';

const SIZE = { parameter: 'n', empty: 1, full: 1_000, minimum: 1, maximum: 10_000 };
const VARIANTS = [variantOf('none'), variantOf('idle')];
const scaled = plannedWorkload('scaled', { size: SIZE, timeoutSeconds: 10 });
const whole = plannedWorkload('whole', { timeoutSeconds: 60 });

function jobOf(target: Target, plan: Partial<Job['plan']> = {}): Pick<Job, 'plan' | 'request'> {
  return {
    plan: jobPlan({ variants: VARIANTS, workloads: [scaled, whole], ...plan }),
    request: { qemu: { target } } as Job['request'],
  };
}
const named = (runs: ReturnType<typeof hostRuns>) =>
  runs.map(({ position, workload, variant, size }) =>
    [position, workload.label, variant.side, variant.name, size].join(' '),
  );

test(
  "the guest's instructions are counted once per workload and side, as both sides must do the " +
    'same work',
  () => {
    const runs = guestRuns(jobOf('x86_64-softmmu', { variants: onBothSides(VARIANTS) }));

    expect(named(runs)).toEqual([
      '0 scaled head guest-instructions full',
      '1 scaled base guest-instructions full',
      '2 whole head guest-instructions full',
      '3 whole base guest-instructions full',
    ]);
    expect(runs.every(({ wrapper }) => wrapper.length === 0)).toBe(true);
  },
);

test("callgrind runs a user-mode guest's full work, under a sufficient time limit", () => {
  const runs = hostRuns(jobOf('x86_64-linux-user'));

  expect(named(runs)).toEqual([
    '0 scaled head none full',
    '1 scaled head idle full',
    '2 whole head none full',
    '3 whole head idle full',
  ]);
  expect(runs.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([1_000, 1_000, 3_600, 3_600]);
  expect(new Set(runs.map(({ wrapper }) => wrapper[0]))).toEqual(new Set(['valgrind']));
});

test("callgrind runs part of a system guest's work, or skips a workload that cannot be scaled", () => {
  const scalable = jobOf('x86_64-softmmu', { workloads: [scaled] });

  expect(named(hostRuns(scalable))).toEqual([
    '0 scaled head none short',
    '1 scaled head idle short',
  ]);
  expect(uncountable(scalable)).toBeNull();
  expect(uncountable(jobOf('x86_64-linux-user'))).toBeNull();
  expect(uncountable(jobOf('x86_64-softmmu'))).toContain('callgrind runs a system emulator only');
});

test('a counting run has no random draw, so that counts repeat', () => {
  for (const run of hostRuns(jobOf('x86_64-linux-user')))
    expect(run).toMatchObject({
      link: null,
      cpuDraw: null,
      environmentBytes: 0,
      stackBytes: 0,
      storesTrace: false,
    });
});

test("a guest's count is stored with the baseline of its side", () => {
  const job = jobOf('x86_64-softmmu');
  const measured = {
    events: { 'plugin.insns': '99' },
    output: '==2== Callgrind, a\n==2== Collected : 1234\n',
  };

  expect(countsOf(job, countingRun(guestCounter('base'), scaled, 0), measured)).toEqual({
    kind: 'instructions',
    variant: 'none',
    hostInstructions: null,
    guestInstructions: '99',
  });
  expect(
    countsOf(job, countingRun(variantOf('idle'), scaled, 0, { size: 'short' }), measured),
  ).toEqual({
    kind: 'instructions',
    variant: 'idle',
    hostInstructions: '1234',
    guestInstructions: null,
  });
});

test('a run without a count and a count that cannot be stored give no sample', () => {
  const job = jobOf('x86_64-linux-user');
  const guest = countingRun(guestCounter('head'), scaled, 0);
  const host = countingRun(variantOf('none'), scaled, 0);

  for (const [run, events] of [
    [host, null],
    [guest, null],
    [guest, { 'plugin.insns': String(2n ** 63n) }],
  ] as const)
    expect(() => countsOf(job, run, { events, output: '' })).toThrow(
      'the output does not have exactly one count',
    );
});

test(
  'a run that fails under a counter is skipped and reported, unless its count is judged or the ' +
    'fault is elsewhere',
  () => {
    const job = jobOf('x86_64-linux-user');
    const judged = jobOf('x86_64-linux-user', {
      thresholds: [{ metric: 'hostInstructions', threshold: 0.001 }],
    });
    const error = (code: ErrorCode) =>
      new QibenchError(code, { workload: 'scaled', variant: 'none', ending: 'signal 11' });
    const host = countingRun(variantOf('none'), scaled, 0);
    const guest = countingRun(guestCounter('head'), scaled, 0);

    expect(isTolerated(job, host, error('RUN_FAILED'))).toBe(true);
    expect(isTolerated(job, host, error('INSTRUCTIONS_NOT_COUNTED'))).toBe(true);
    expect(isTolerated(job, host, error('DOCKER_UNREACHABLE'))).toBe(false);
    expect(isTolerated(job, host, new Error('a bug'))).toBe(false);
    expect(isTolerated(judged, host, error('RUN_FAILED'))).toBe(false);
    expect(isTolerated(judged, guest, error('RUN_FAILED'))).toBe(true);
    expect(missingCount(host, 'it ended with signal 11')).toBe(
      'instructions of scaled under none are not counted: it ended with signal 11\n',
    );
  },
);
