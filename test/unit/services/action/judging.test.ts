// SPDX-License-Identifier: GPL-2.0-or-later
import { annotationsOf } from '#action/annotations.js';
import { judge, type Ending } from '#action/gate.js';
import { outcomeOf } from '#action/outcome.js';
import { idempotencyKey } from '#action/request.js';
import { settingsOf } from '#action/settings.js';
import type { Comparison, SideRow, Verdict } from '#contract/comparison.js';
import { comparisonOf, intervalOf, sideRow } from '#support/comparison.js';
import type { JobRequest } from '#contract/job.js';
import { triggerOf, type WorkflowEnv } from '#action/trigger.js';

const row = (verdict: Verdict | null, value = 1): SideRow =>
  sideRow({ verdict, ratio: intervalOf(value) });
const comparison = (sides: SideRow[], details: Partial<Comparison> = {}): Comparison =>
  comparisonOf({ sides, ...details });
const ended = (...comparisons: Comparison[]): Ending => ({
  type: 'measured',
  job: {} as never,
  comparisons,
  outcome: outcomeOf(comparisons),
});
const usual = { failOn: 'regression', onServiceError: 'fail' } as const;

test.each<[Verdict[], string]>([
  [['no-change', 'regression', 'inconclusive'], 'regression'],
  [['improvement', 'inconclusive'], 'inconclusive'],
  [['improvement', 'no-change'], 'improvement'],
  [['no-change'], 'no-change'],
  [[], 'not-compared'],
])('%j together are %s', (verdicts, expected) => {
  expect(outcomeOf([comparison(verdicts.map((verdict) => row(verdict)))]).verdict).toBe(expected);
});

test('an incomplete comparison is inconclusive', () => {
  expect(outcomeOf([comparison([row(null), row('no-change')])]).verdict).toBe('inconclusive');
});

test("the largest regression respects the metric's direction", () => {
  const larger = comparison([row('no-change', 0.8)], { direction: 'larger-is-better' });

  expect(outcomeOf([comparison([row('no-change', 1.1)]), larger]).maxRegression).toBeCloseTo(0.25);
});

test.each<[Verdict, 'regression' | 'inconclusive' | 'never', boolean, string, boolean]>([
  ['regression', 'regression', false, 'failure', true],
  ['regression', 'inconclusive', false, 'failure', true],
  ['regression', 'never', false, 'neutral', false],
  ['regression', 'regression', true, 'neutral', false],
  ['inconclusive', 'regression', false, 'neutral', false],
  ['inconclusive', 'inconclusive', false, 'failure', true],
  ['inconclusive', 'inconclusive', true, 'neutral', false],
  ['no-change', 'inconclusive', false, 'success', false],
  ['improvement', 'regression', false, 'success', false],
])(
  '%s with fail-on %s (advisory: %s) concludes %s',
  (verdict, failOn, advisory, conclusion, stepFails) => {
    expect(
      judge(ended(comparison([row(verdict)], { advisory })), { ...usual, failOn }),
    ).toMatchObject({ conclusion, stepFails });
  },
);

test('a title names the range of undecided comparisons, and reports equal binaries', () => {
  const title = (...sides: SideRow[]) => judge(ended(comparison(sides)), usual).title;

  expect(title(row('inconclusive', 1.02), row(null, 0.99), row('no-change'))).toBe(
    'no regression shown; 2 of 3 comparison(s) not decided: between −2.0 % and +3.0 %',
  );
  expect(title(row('same-binary'))).toBe('head and base are the same binaries');
});

test('a measurement without a base does not look like success', () => {
  expect(judge(ended(comparison([])), usual)).toMatchObject({
    conclusion: 'neutral',
    title: 'measured, but nothing was compared: the job has no base',
    stepFails: false,
  });
});

test('the base of a merge queue is read from its event', () => {
  const [sha, base] = ['a'.repeat(40), 'b'.repeat(40)];
  const event = { merge_group: { head_sha: sha, base_sha: base, base_ref: 'refs/heads/main' } };
  const workflow = {
    eventName: 'merge_group',
    event,
    ref: 'refs/heads/gh-readonly-queue/main/pr-1',
  };

  expect(triggerOf(workflow as WorkflowEnv)).toEqual({
    type: 'commit',
    sha,
    baseSha: base,
    branch: 'gh-readonly-queue/main/pr-1',
  });
});

test('a service failure is reported, and the report says that the code was not judged', () => {
  const ending: Ending = {
    type: 'service-failed',
    job: null,
    error: { code: 'UNAVAILABLE', kind: 'infra', message: 'x', details: [] },
  };

  expect(judge(ending, usual)).toMatchObject({
    conclusion: 'failure',
    title: 'qibench itself failed: the code was not judged',
    stepFails: true,
  });
  expect(judge(ending, { ...usual, onServiceError: 'warn' })).toMatchObject({
    conclusion: 'neutral',
    stepFails: false,
    status: 'service-failed',
  });
});

test('compiler messages are mapped to the repository, and paths outside it are not', () => {
  const details = [
    { path: 'instrument.c:12', message: 'expected ;' },
    { path: 'sub/a.h:1', message: 'x' },
    { path: 'qi_init', message: 'is not defined' },
    { path: '../../etc/passwd:1', message: 'x' },
    { path: '/usr/include/a.h:3', message: 'x' },
  ];

  expect(annotationsOf({ code: 'COMPILE_FAILED', details }, 'code')).toEqual([
    { path: 'code/instrument.c', line: 12, message: 'expected ;' },
    { path: 'code/sub/a.h', line: 1, message: 'x' },
  ]);
  expect(annotationsOf({ code: 'RUN_FAILED', details }, 'code')).toEqual([]);
});

test('the key is equal for the same run, attempt, job and request, and differs otherwise', () => {
  const workflow = {
    repository: 'o/n',
    runId: '1',
    runAttempt: '1',
    jobName: 'bench',
  } as WorkflowEnv;
  const request = { name: 'x' } as JobRequest;
  const key = idempotencyKey(workflow, request);

  expect(key.length).toBeLessThanOrEqual(128);
  expect(idempotencyKey({ ...workflow }, { ...request })).toBe(key);
  for (const other of [
    { runId: '2' },
    { runAttempt: '2' },
    { jobName: 'other' },
    { repository: 'o/m' },
  ])
    expect(idempotencyKey({ ...workflow, ...other }, request)).not.toBe(key);
  expect(idempotencyKey(workflow, { ...request, name: 'y' })).not.toBe(key);
});

const INPUTS: Record<string, string> = {
  mode: 'run',
  'server-url': 'https://bench.example/',
  'job-file': '.qibench.yaml',
  repository: 'instrumentation',
  base: 'merge-base',
  'fail-on': 'regression',
  'on-service-error': 'fail',
  comment: 'always',
  check: 'true',
  detach: 'false',
  'timeout-minutes': '60',
  'pack-folder': 'pack',
};

test('the audience defaults to the service', () => {
  expect(settingsOf((name) => INPUTS[name] ?? '')).toMatchObject({
    serverUrl: 'https://bench.example',
    audience: 'https://bench.example/'.replace(/\/$/, ''),
    token: null,
  });
});

test.each([
  ['server-url', ''],
  ['server-url', 'ftp://x'],
  ['server-url', 'https://user:pw@x'],
  ['mode', 'go'],
  ['job-file', '../x'],
  ['job-file', '/etc/passwd'],
  ['instrumentation', 'a/../../b'],
  ['timeout-minutes', '0'],
  ['fail-on', 'sometimes'],
  ['check', 'yes'],
  ['project', 'a b'],
])('input %s rejects %j', (input, value) => {
  expect(() => settingsOf((name) => (name === input ? value : (INPUTS[name] ?? '')))).toThrow(
    new RegExp(`^input ${input}: `),
  );
});
