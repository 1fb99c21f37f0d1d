// SPDX-License-Identifier: GPL-2.0-or-later
import { checkWorkload, findingsText } from '#cli/workload-check.js';
import type { Job } from '#contract/job.js';
import { WorkloadDefinition } from '#contract/workload.js';

const parameter = {
  description: '',
  type: 'integer',
  unit: '1',
  default: 5,
  minimum: 1,
  maximum: 9,
  stage: 'run',
};
const definitionWith = (run: object = {}, more: object = {}) =>
  WorkloadDefinition.parse({
    name: 'mine',
    summary: '',
    targets: ['x86_64-softmmu'],
    parameters: { rounds: parameter },
    size: { parameter: 'rounds', empty: 1 },
    metrics: [{ name: 'work.done', unit: '1', direction: 'larger', description: '' }],
    run: {
      arguments: [],
      exitStatus: 0,
      timeoutSeconds: 30,
      requiredMetrics: ['work.done'],
      ...run,
    },
    ...more,
  });
const jobOn = (target: string, error: Job['error'] = null) =>
  ({ error, request: { qemu: { target } } }) as Job;
const done = { name: 'work.done', value: 1, unit: '1' };
const runsOf = (ms: readonly number[], metrics = [done]) =>
  ms.map((wallMs) => ({ wallNs: String(wallMs * 1e6), exitStatus: 0, metrics }));

const CALM = [100, 101, 99, 100, 100, 102];
const missing = (...input: Parameters<typeof checkWorkload>) =>
  checkWorkload(...input)
    .filter(({ state }) => state === 'missing')
    .map(({ about, text }) => `${about}: ${text}`);

test('a workload that proves its work and repeats lacks nothing', () => {
  const findings = checkWorkload(definitionWith(), jobOn('x86_64-softmmu'), runsOf(CALM));

  expect(findings.map(({ about, state }) => [about, state])).toEqual([
    ['exit status', 'good'],
    ['metric', 'good'],
    ['time', 'good'],
    ['noise', 'good'],
  ]);
  expect(findingsText(findings).split('\n')[3]).toBe(
    'ok       noise        6 runs varied by 1.0 % (standard deviation)',
  );
});

test.each<[string, object, object, string, ReturnType<typeof runsOf>, RegExp]>([
  [
    'a machine whose panic would look like success',
    { requiredMetrics: [] },
    { metrics: [] },
    'x86_64-softmmu',
    runsOf(CALM, []),
    /^exit status: .*panic.*\nmetric: run.requiredMetrics is empty/,
  ],
  [
    'a program without a metric',
    { requiredMetrics: [] },
    { metrics: [] },
    'x86_64-linux-user',
    runsOf(CALM, []),
    /^metric: run.requiredMetrics is empty/,
  ],
  [
    'a metric that is never printed',
    { requiredMetrics: [] },
    {},
    'x86_64-linux-user',
    runsOf(CALM, []),
    /^metric: declared and not printed: work.done/,
  ],
  [
    'a metric without a direction',
    {},
    {},
    'x86_64-softmmu',
    runsOf(CALM, [done, { name: 'extra', value: 1, unit: '1' }]),
    /^metric: printed without .*: extra$/,
  ],
  ['runs that are all start', {}, {}, 'x86_64-softmmu', runsOf([20, 20]), /^time: .*below 50 ms/],
  ['long runs', {}, {}, 'x86_64-softmmu', runsOf([12e3, 12e3]), /^time: .*do less work/],
  [
    'runs near their limit',
    { timeoutSeconds: 1 },
    {},
    'x86_64-softmmu',
    runsOf([600, 600]),
    /^time: .*half of run.timeoutSeconds/,
  ],
  [
    'a workload that cannot be scaled',
    {},
    { size: undefined },
    'x86_64-softmmu',
    runsOf(CALM),
    /^time: .*without "size"/,
  ],
  [
    'runs that vary',
    {},
    {},
    'x86_64-softmmu',
    runsOf([100, 130, 90, 140, 100, 80]),
    /^noise: .*many blocks/,
  ],
])('%s is named', (_, run, more, target, runs, text) => {
  expect(missing(definitionWith(run, more), jobOn(target), runs).join('\n')).toMatch(text);
});

test('a job that failed says why, and what it is about', () => {
  const failed = (code: string) =>
    missing(
      definitionWith(),
      jobOn('x86_64-softmmu', { code, kind: 'workload', message: 'because', details: [] }),
      [],
    );

  expect(failed('RUN_FAILED')).toEqual(['exit status: because']);
  expect(failed('METRIC_MISSING')).toEqual(['metric: because']);
  expect(failed('RUN_TIMED_OUT')).toEqual(['time: because']);
});

test('text of the guest cannot control the terminal', () => {
  const printed = runsOf(CALM, [done, { name: 'a\u001b[2J', value: 1, unit: '1' }]);
  const findings = checkWorkload(definitionWith(), jobOn('x86_64-softmmu'), printed);

  expect(findingsText(findings)).not.toContain('\u001b');
});
