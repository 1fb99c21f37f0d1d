// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { recordHost } from '#store/builds.js';
import { recordSameComparisons } from '#store/hosts.js';
import { claimJob, acceptJob } from '#store/jobs.js';
import { runWith } from '#support/action/pull-request.js';
import type { Measured } from '#support/action/stand-in.js';
import { runAction, type Ended } from '#support/action/workflow.js';
import { jobRequest } from '#support/job-request.js';
import { PullRequests } from '#support/action/pull-requests.js';

const JOB = (more = '') =>
  `name: gate\nqemu: { version: "7.2", target: x86_64-softmmu }\nevents: ` +
  `[memory_region_ops_write]\ninstrumentation: code\nvariants: [none, dynamic]\nworkloads: ` +
  `[{ name: port-io }, { name: port-io, parameters: { writes: 20000 } }]\nblocks: 8\n${more}`;

/** Guard against hanging on a busy machine. */
const BUSY_MS = 300_000;

const pulls = new PullRequests(0);
beforeAll(() => pulls.start(JOB()), BUSY_MS);
afterAll(() => pulls.stop());
beforeEach(() => void pulls.number++);

const bySide =
  (head: number): Measured['wallNs'] =>
  (shown) =>
    1e9 * (shown === 'dynamic' ? head : 1);
const slower: Measured = { wallNs: bySide(1.3) };
const RESULTS = {
  'a regression': slower,
  'a regression that the second batch does not confirm': {
    wallNs: (shown, batch) => (batch === 1 ? bySide(1.3)(shown, 1, '') : 1e9),
  },
  'no change': { wallNs: bySide(1) },
  'an improvement': { wallNs: bySide(0.7) },
} as const satisfies Record<string, Measured>;

/** A pull request whose job file has these extra lines, measured with these times. */
async function run(
  measured: Measured,
  inputs: Record<string, string> = {},
  more = '',
): Promise<Ended> {
  return runWith(prepared(inputs, more), (id) => pulls.standIn.measure(id, measured));
}

function prepared(inputs: Record<string, string>, more = '') {
  const count = readFileSync('qemu/examples/count/instrument.c', 'utf8');
  const headSha = pulls
    .branch()
    .write('.qibench.yaml', JOB(more))
    .write('code/instrument.c', `${count}/* ${pulls.number} */\n`)
    .commit('head');
  return pulls.step(headSha, { inputs });
}
const check = () => [...pulls.github.checks.values()].at(-1)!;

test.each<[keyof typeof RESULTS, string, string, string, number]>([
  ['a regression', 'regression', 'regression', 'failure', 1],
  ['a regression', 'inconclusive', 'regression', 'failure', 1],
  ['a regression', 'never', 'regression', 'neutral', 0],
  [
    'a regression that the second batch does not confirm',
    'regression',
    'inconclusive',
    'neutral',
    0,
  ],
  [
    'a regression that the second batch does not confirm',
    'inconclusive',
    'inconclusive',
    'failure',
    1,
  ],
  ['a regression that the second batch does not confirm', 'never', 'inconclusive', 'neutral', 0],
  ['no change', 'inconclusive', 'no-change', 'success', 0],
  ['an improvement', 'inconclusive', 'improvement', 'success', 0],
])(
  '%s with fail-on %s: verdict %s, check %s, exit status %i',
  async (result, failOn, verdict, conclusion, status) => {
    const ended = await run(RESULTS[result], { 'fail-on': failOn });

    expect(ended).toMatchObject({
      status,
      outputs: { status: 'succeeded', verdict, advisory: 'false' },
    });
    expect(check()).toMatchObject({ status: 'completed', conclusion });
    expect(ended.summary).toContain('Head against base');
  },
  BUSY_MS,
);

test.each<[string, string, string]>([
  ['for the job', 'measure: { threshold: 0.5 }', 'no-change'],
  ['for all of wall time', 'thresholds: [{ metric: wallNs, threshold: 0.5 }]', 'no-change'],
  [
    'for one workload, and the other fails it',
    'thresholds: [{ workload: "port-io writes=20000", threshold: 0.5 }]',
    'regression',
  ],
  [
    'for all workloads of a name',
    'thresholds: [{ workload: port-io, metric: wallNs, threshold: 0.4 }]',
    'no-change',
  ],
])(
  "the job file's threshold %s applies",
  async (_, more, verdict) => {
    const ended = await run(slower, {}, more);

    expect(ended).toMatchObject({ status: verdict === 'regression' ? 1 : 0, outputs: { verdict } });
    expect(ended.summary).toMatch(/\+[45]0\.0 %/);
  },
  BUSY_MS,
);

test(
  'a metric with a threshold in the job file is judged too',
  async () => {
    const times: Measured = {
      wallNs: bySide(1),
      userNs: (shown) => (shown === 'dynamic' ? 2e6 : 1e6),
    };
    const [without, withIt] = [
      await run(times),
      (pulls.number++, await run(times, {}, 'thresholds: [{ metric: userNs, threshold: 0.1 }]')),
    ];

    expect(without).toMatchObject({ status: 0, outputs: { verdict: 'no-change' } });
    expect(withIt).toMatchObject({ status: 1, outputs: { verdict: 'regression' } });
    expect(withIt.summary).toContain('userNs');
  },
  BUSY_MS,
);

test(
  'on a host with too many false alarms a regression is only advisory, and the report says why',
  async () => {
    const digest = `sha256:noisy-gate-${process.pid}`;
    await recordHost(pulls.store, {
      digest,
      cpuModel: 'c',
      cpuFlags: '',
      microcode: '',
      cores: 1,
      memoryBytes: 1,
      kernel: '',
      docker: '',
      runtime: '',
    });
    const request = jobRequest({ name: 'A/A' });
    const { job } = await acceptJob(pulls.store, {
      request,
      plan: (await pulls.client.post<{ plan: never }>('/v1/jobs', request)).plan,
      requestDigest: 'd',
      access: { project: null, quota: null, scopes: ['admin'] },
    });
    const { epoch } = (await claimJob(pulls.store, job.id, 'w'))!;
    await recordSameComparisons(
      pulls.store,
      job.id,
      epoch,
      Array.from({ length: 10 }, (_, index) => ({
        workload: `w${index}`,
        variant: 'none',
        hostFingerprint: digest,
        alarm: index < 3,
      })),
    );
    const ended = await run({ ...slower, host: () => digest });

    expect(ended).toMatchObject({
      status: 0,
      outputs: { verdict: 'regression', advisory: 'true' },
    });
    expect(check()).toMatchObject({
      conclusion: 'neutral',
      output: { title: expect.stringContaining('advisory') },
    });
    expect(ended.log).toMatch(
      /^::warning::.*regression \(advisory: the host raises too many false alarms\)/m,
    );
    expect(ended.summary).toMatch(/advisory and cannot fail the step:\n\* <code>.*3 of 10 A/);
  },
  BUSY_MS,
);

describe('a service failure is always reported', () => {
  const BROKEN: [string, (id: string) => Promise<void>][] = [
    [
      'a bug',
      (id) =>
        pulls.standIn.fail(id, {
          code: 'INTERNAL',
          kind: 'bug',
          message: 'unexpected failure: x',
          details: [],
        }),
    ],
    [
      'samples of two hosts',
      (id) => pulls.standIn.measure(id, { ...slower, host: (block) => `sha256:${block % 2}` }),
    ],
  ];
  test.each(BROKEN)(
    '%s: the step fails, and the report does not mention a regression',
    async (_, act) => {
      const ended = await runWith(prepared({}), act);

      expect(ended).toMatchObject({
        status: 1,
        outputs: { status: 'service-failed', verdict: '' },
      });
      expect(ended.log).toMatch(/^::error::qibench itself failed: the code was not judged: /m);
      expect(check()).toMatchObject({
        conclusion: 'failure',
        output: { title: 'qibench itself failed: the code was not judged' },
      });
      expect(ended.summary).toContain('The code was not judged');
      expect(pulls.comments()).toEqual([expect.stringContaining('qibench itself failed')]);
    },
    BUSY_MS,
  );

  test.each(BROKEN)(
    '%s, with on-service-error warn: the step passes with a warning, the check is neutral',
    async (_, act) => {
      const ended = await runWith(
        prepared({ 'on-service-error': 'warn', 'fail-on': 'never' }),
        act,
      );

      expect(ended).toMatchObject({
        status: 0,
        outputs: { status: 'service-failed', verdict: '' },
      });
      expect(ended.log).toMatch(/^::warning::qibench itself failed: the code was not judged: /m);
      expect(check()).toMatchObject({ conclusion: 'neutral' });
    },
    BUSY_MS,
  );

  test(
    'fail-on never still reports the failure',
    async () => {
      expect(await runWith(prepared({ 'fail-on': 'never' }), BROKEN[0]![1])).toMatchObject({
        status: 1,
        outputs: { status: 'service-failed' },
      });
    },
    BUSY_MS,
  );

  test(
    'a job that exceeds timeout-minutes is cancelled and not judged',
    async () => {
      const ended = await runAction(prepared({ 'timeout-minutes': '0.1' }));

      expect(ended).toMatchObject({ status: 1, outputs: { status: 'timed-out' } });
      expect(check()).toMatchObject({ conclusion: 'timed_out' });
      expect(await pulls.client.get(`/v1/jobs/${ended.outputs['job-id']}`)).toMatchObject({
        state: 'cancelled',
      });
    },
    BUSY_MS,
  );
});

test(
  'summary and comment truncate a report that is too long for GitHub and say so, and a step ' +
    'shows nine annotations',
  async () => {
    const details = Array.from({ length: 3_000 }, (_, index) => ({
      path: `instrument.c:${index + 1}`,
      message: `${'<'.repeat(400)} ${index}`,
    }));
    const ended = await runWith(prepared({ check: 'false' }), (id) =>
      pulls.standIn.fail(
        id,
        { code: 'COMPILE_FAILED', kind: 'user', message: 'x', details },
        'the log',
      ),
    );

    expect(Buffer.byteLength(ended.summary)).toBeLessThanOrEqual(1024 * 1024);
    const [comment, ...more] = pulls.comments();
    expect(more).toEqual([]);
    expect(comment!.length).toBeLessThanOrEqual(65_536);
    for (const text of [ended.summary, comment])
      expect(text).toMatch(/… and \d+ more row\(s\), left out for GitHub's limit/);
    expect(ended.log.match(/^::error title=qibench,file=/gm)).toHaveLength(9);
    expect(ended.log).toMatch(/^::warning::2991 more diagnostic\(s\) have no annotation/m);
  },
  BUSY_MS,
);

test(
  'a pull request of GitHub Enterprise Server gets its comment and its check run on that server',
  async () => {
    pulls.github.prefix = '/api/v3';
    try {
      const ended = await run(RESULTS['no change']);

      expect(ended).toMatchObject({ status: 0, outputs: { verdict: 'no-change' } });
      expect(ended.log).not.toContain('::warning::');
      expect(pulls.comments()).toHaveLength(1);
      expect(check()).toMatchObject({ status: 'completed', conclusion: 'success' });
    } finally {
      pulls.github.prefix = '';
    }
  },
  BUSY_MS,
);
