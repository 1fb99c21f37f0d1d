// SPDX-License-Identifier: GPL-2.0-or-later
import { createHmac, randomUUID } from 'node:crypto';
import type { Job, JobList } from '#contract/job.js';
import { FakeGitHub } from '#support/github/fake-github.js';
import {
  BASE,
  commentOn,
  deliver,
  jobFile,
  pullOf,
  putPull,
  startReceiver,
} from '#support/github/webhook.js';

const HEAD = 'a'.repeat(40);

const github = new FakeGitHub();
let api: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  await github.start();
  api = await startReceiver(github, { QIBENCH_QUOTA_RUNS_PER_JOB: '100' });
}, 30_000);
afterAll(async () => {
  await api.stop();
  await github.stop();
});
beforeEach(() => {
  github.asked.length = 0;
  github.comments.clear();
  putPull(github, 5, HEAD);
});

const comment = (details: Parameters<typeof commentOn>[1] = {}) => commentOn(5, details);
const send = (event: string, payload: unknown, options: Parameters<typeof deliver>[3] = {}) =>
  deliver(api.client.server, event, payload, options);
const reported = async () =>
  String(
    (
      await github.seen(
        ({ method, path }) => method === 'POST' && path.endsWith('/issues/5/comments'),
      )
    ).body.body,
  );
const newest = async () => (await api.client.get<JobList>('/v1/jobs?limit=1')).jobs[0]!;

test(
  "a member's /bench comment submits the pull request against its merge base, and a comment " +
    'reports the end',
  async () => {
    expect(await send('issue_comment', comment())).toEqual({
      status: 202,
      answer: { accepted: true, reason: null },
    });
    const text = await reported();

    const job = await newest();
    expect(text).toContain(`https://bench.example/jobs/${job.id}`);
    expect(text).not.toContain('@');
    expect(job.request).toMatchObject({
      project: 'hooked',
      branch: 'pull/5',
      commit: HEAD,
      measure: { threshold: 0.02 },
    }); // the job file comes from the base
    const { head, base } = job.plan.sides!;
    expect(head.instrumentation).not.toBe(base!.instrumentation);
    const upload = await api.client.get<{ files: unknown }>(`/v1/uploads/${head.instrumentation}`);
    expect(upload.files).toEqual([
      { path: 'instrument.c', sizeBytes: 9 },
      { path: 'linked.h', sizeBytes: 9 },
    ]);

    await api.client.post<Job>(`/v1/jobs/${job.id}/cancel`, {});
    expect(String((await github.seen(({ method }) => method === 'PATCH')).body.body)).toMatch(
      /details[\s\S]*Cancelled: the code was not judged/,
    );
  },
  30_000,
);

test('a label submits the pull request as it was when the label was set', async () => {
  const payload = {
    action: 'labeled',
    label: { name: 'bench' },
    pull_request: pullOf(5, HEAD),
    repository: { full_name: 'owner/name' },
    sender: { login: 'maintainer' },
    unique: Date.now(),
  };

  expect((await send('pull_request', payload)).answer).toMatchObject({ accepted: true });
  expect(await reported()).toContain((await newest()).id);
});

test("a variant's own instrumentation comes from both sides", async () => {
  const own = jobFile()
    .replace('instrumentation: code\n', '')
    .replace('dynamic', '{ mode: dynamic, name: own, instrumentation: other }');
  for (const commit of [BASE, HEAD])
    github.trees.set(commit, { '.qibench.yaml': own, 'other/instrument.c': `int x; // ${commit}` });
  await send('issue_comment', comment());
  await reported();

  const { plan } = await newest();
  expect(plan.variants.map(({ name, side }) => `${name} ${side}`)).toEqual([
    'none head',
    'own head',
    'none base',
    'own base',
  ]);
  expect(plan.variants[1]!.instrumentation).not.toBe(plan.variants[3]!.instrumentation);
});

test.each<[string, string | undefined]>([
  ['no', ''],
  ["another secret's", `sha256=${createHmac('sha256', 'other').update('{}').digest('hex')}`],
  ['a short', 'sha256=00'],
])('%s signature is refused', async (_, signature) => {
  expect(await send('issue_comment', comment(), { signature })).toMatchObject({
    status: 401,
    answer: { error: { code: 'BAD_WEBHOOK' } },
  });
  expect(github.asked).toEqual([]);
});

test.each<[string, string, unknown]>([
  ['a comment of a stranger', 'issue_comment', comment({ author_association: 'CONTRIBUTOR' })],
  ['a comment that says something else', 'issue_comment', comment({ body: 'see /bench' })],
  ['a comment that was changed', 'issue_comment', { ...comment(), action: 'edited' }],
  [
    'another label',
    'pull_request',
    {
      action: 'labeled',
      label: { name: 'bug' },
      pull_request: pullOf(5, HEAD),
      repository: { full_name: 'owner/name' },
      sender: { login: 'maintainer' },
    },
  ],
  [
    'a repository of a strange name',
    'issue_comment',
    { ...comment(), repository: { full_name: '../../x' } },
  ],
  ['another event', 'push', {}],
])('%s starts nothing', async (_, event, payload) => {
  expect(await send(event, payload)).toMatchObject({
    status: 202,
    answer: { accepted: false, reason: expect.stringMatching(/requests no measurement/) },
  });
});

test.each<[string, string, object]>([
  ['a comment', 'issue_comment', comment({ user: { login: 'triager' } })],
  ['a comment by an unknown user', 'issue_comment', comment({ user: { login: 'ghost' } })],
  [
    'a label',
    'pull_request',
    {
      action: 'labeled',
      label: { name: 'bench' },
      pull_request: pullOf(5, HEAD),
      repository: { full_name: 'owner/name' },
      sender: { login: 'triager' },
    },
  ],
])(
  '%s of a user who may not write submits nothing, and a comment says so',
  async (_, event, payload) => {
    const before = (await newest())?.id;
    expect((await send(event, { ...payload, unique: randomUUID() })).answer).toMatchObject({
      accepted: true,
    });

    expect(await reported()).toMatch(/does not measure this.*may not write to the repository/);
    expect((await newest())?.id).toBe(before);
  },
);

test('commits pushed after the comment are not measured, and a comment says so', async () => {
  putPull(github, 5, HEAD, '2026-01-01T00:00:01Z');
  await send('issue_comment', comment());

  expect(await reported()).toMatch(/does not measure this.*pushed after the comment/);
});

test('an invalid job file is answered with the broken rules', async () => {
  github.trees.set(BASE, { '.qibench.yaml': jobFile().replace('none', '<fast>') });
  await send('issue_comment', comment());

  expect(await reported()).toMatch(/does not measure this[\s\S]*\* <code>variants&#46;0/);
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    'an urgent job',
    { '.qibench.yaml': jobFile('priority: urgent\n') },
    /scope admin[\s\S]*<code>priority<\/code>/,
  ],
  [
    'more runs than the project may have',
    { '.qibench.yaml': jobFile().replace('blocks: 6', 'blocks: 96') },
    /may have 100 measured runs in a job/,
  ],
  ['patches where code belongs', { 'code/a.patch': 'x' }, /is a patch series, not code/],
])(
  'a webhook submits by the rules of every submission: %s is refused',
  async (_, files, reason) => {
    const base = { ...github.trees.get(BASE)!, ...files };
    if ('code/a.patch' in base) delete base['code/instrument.c'];
    github.trees.set(BASE, base);
    const submitted = async () => (await api.client.get<JobList>('/v1/jobs?limit=1')).jobs[0]?.id;
    const before = await submitted();
    await send('issue_comment', comment());

    const text = (await reported()).replaceAll(/&#(\d+);/g, (_, digits) =>
      String.fromCharCode(Number(digits)),
    );
    expect(text).toContain('does not measure this');
    expect(text).toMatch(reason);
    expect(await submitted()).toBe(before);
  },
);
