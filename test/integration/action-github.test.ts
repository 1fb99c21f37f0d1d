import { putComment, type Comment } from '../../services/action/github/comment.js';
import { beginCheck, finishCheck } from '../../services/action/github/check.js';
import { openGitHub, type GitHub } from '../../services/action/github/client.js';
import { pullRequestOf, requireConsent } from '../../services/action/github/pull-request.js';
import { triggerOf, type PullRequest, type Surroundings } from '../../services/action/trigger.js';
import { FakeGitHub, FAULTS } from '../github/fake-github.js';

const fake = new FakeGitHub();
let github: GitHub;
let notes: string[] = [];
let pull = 0;
beforeAll(() => fake.start());
afterAll(() => fake.stop());
beforeEach(() => {
  pull++;
  notes = [];
  fake.asked.length = 0;
  fake.faults.length = 0;
  github = openGitHub({
    token: 't',
    apiUrl: fake.url,
    repository: 'owner/name',
    note: (text) => notes.push(text),
  });
});

const comment = (given: Partial<Comment> = {}): Comment => ({
  pullNumber: pull,
  key: 'p\0job',
  runId: '10',
  sections: [{ title: 'a', lines: ['REPORT'] }],
  page: 'https://bench.example/jobs/1',
  remarkable: false,
  mode: 'always',
  ...given,
});
const bodies = () => (fake.comments.get(pull) ?? []).map(({ body }) => body);

test('the comment is made once, found again behind many others, and changed', async () => {
  expect(await putComment(github, comment())).toBe('created');
  const [ours] = fake.comments.get(pull)!;
  fake.comments.set(pull, [
    ...Array.from({ length: 130 }, () => ({ ...ours!, id: 1, body: 'other words' })),
    ours!,
  ]);

  expect(
    await putComment(
      github,
      comment({ runId: '11', sections: [{ title: 'a', lines: ['SECOND'] }] }),
    ),
  ).toBe('updated');
  expect(bodies().filter((body) => body.includes('REPORT'))).toEqual([]);
  expect(bodies().at(-1)).toContain('SECOND');
  expect(bodies()).toHaveLength(131);
});

test('jobs and projects have a comment each', async () => {
  await putComment(github, comment());
  await putComment(github, comment({ key: 'p\0other' }));

  expect(bodies()).toHaveLength(2);
});

test('a comment of a stranger with our marker is not ours', async () => {
  await putComment(github, comment());
  const marked = bodies()[0]!;
  fake.comments.set(pull, []);
  fake.addComment(pull, marked);

  expect(await putComment(github, comment())).toBe('created');
  expect(bodies()).toHaveLength(2);
});

test('what an older run has to say does not replace what a newer one said', async () => {
  await putComment(github, comment({ runId: '9007199254740993' }));

  expect(await putComment(github, comment({ runId: '9007199254740992' }))).toBe('newer');
});

test('with on-change nothing is said until there is something to say; once that is over, it is resolved', async () => {
  expect(await putComment(github, comment({ mode: 'on-change' }))).toBe('left');
  await putComment(github, comment({ mode: 'on-change', remarkable: true, runId: '11' }));
  expect(bodies()[0]).not.toContain('Resolved');
  await putComment(github, comment({ mode: 'on-change', runId: '12' }));
  expect(bodies()).toHaveLength(1);
  expect(bodies()[0]).toContain('**Resolved:**');
});

test('a report of any size is a comment that GitHub takes', async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => `| ü ${index} |`);
  await putComment(github, comment({ sections: [{ title: 'rows', lines: ['HEAD'], rows }] }));

  expect(bodies()[0]).toMatch(/^<!-- qibench .*\nHEAD\n[\s\S]*left out for GitHub's limit/);
});

test('a secondary rate limit is waited for as long as GitHub says', async () => {
  fake.faults.push({ on: /POST .*comments/, ...FAULTS.secondaryLimit });

  expect(await putComment(github, comment())).toBe('created');
  expect(notes).toEqual([expect.stringContaining('secondary rate limit')]);
});

test('a primary rate limit that ends soon is waited for', async () => {
  fake.faults.push({ on: /GET .*comments/, ...FAULTS.primaryLimit(Date.now()) });

  expect(await putComment(github, comment())).toBe('created');
  expect(notes).toEqual([expect.stringContaining('primary rate limit')]);
});

test('a rate limit that takes too long is not waited for, and the log says how long it would be', async () => {
  fake.faults.push({ on: /GET .*comments/, ...FAULTS.primaryLimit(Date.now() + 3_600_000) });

  await expect(putComment(github, comment())).rejects.toMatchObject({ status: 403 });
  expect(notes).toEqual([
    expect.stringMatching(/primary rate limit is reached for .*; it asks to wait 36\d\d s/),
  ]);
  expect(fake.asked).toHaveLength(1);
});

test('GitHub Enterprise Server is asked at its own address, page after page', async () => {
  fake.prefix = '/api/v3';
  try {
    const enterprise = openGitHub({
      token: 't',
      apiUrl: fake.url,
      repository: 'owner/name',
      note: (text) => notes.push(text),
    });
    fake.comments.set(
      pull,
      Array.from({ length: 130 }, (_, id) => ({
        id,
        body: 'other words',
        user: { login: 'x', type: 'User' },
        author_association: 'NONE',
      })),
    );

    expect(await putComment(enterprise, comment())).toBe('created');
    expect(await putComment(enterprise, comment({ runId: '11' }))).toBe('updated');
    expect(bodies()).toHaveLength(131);
  } finally {
    fake.prefix = '';
  }
});

test('what the server cannot do now is tried again, what it forbids is not', async () => {
  fake.faults.push({ on: /GET .*comments/, ...FAULTS.serverError });
  await putComment(github, comment());
  fake.asked.length = 0;
  fake.faults.push({ on: /GET .*comments/, ...FAULTS.forbidden });

  await expect(putComment(github, comment())).rejects.toMatchObject({ status: 403 });
  expect(fake.asked).toHaveLength(1);
});

test('a check run begins in progress and ends with all annotations, fifty at a time', async () => {
  const id = await beginCheck(github, { name: 'qibench: x', headSha: 'a'.repeat(40), page: null });
  expect(fake.checks.get(id)).toMatchObject({ status: 'in_progress', head_sha: 'a'.repeat(40) });
  const annotations = Array.from({ length: 120 }, (_, line) => ({
    path: 'code/a.c',
    line: line + 1,
    message: 'x',
  }));
  await finishCheck(github, {
    id,
    judgement: { conclusion: 'failure', title: 'T', stepFails: true, status: 'failed' },
    sections: [{ title: 'a', lines: ['A'] }],
    page: 'https://bench.example/jobs/1',
    annotations,
  });

  expect(fake.checks.get(id)).toMatchObject({ status: 'completed', conclusion: 'failure' });
  expect(fake.checks.get(id)!.annotations).toHaveLength(120);
});

test('a check run takes a report of any size, and says that something is missing', async () => {
  const id = await beginCheck(github, { name: 'qibench: x', headSha: 'a'.repeat(40), page: null });
  const sections = [
    { title: 'a', lines: ['HEAD'] },
    {
      title: 'rows',
      lines: ['ROWS'],
      rows: Array.from({ length: 20_000 }, (_, index) => `| ü ${index} |`),
    },
    { title: 'the end', lines: ['x'.repeat(70_000)] },
  ];
  await finishCheck(github, {
    id,
    judgement: { conclusion: 'success', title: 'T', stepFails: false, status: 'succeeded' },
    sections,
    page: 'https://bench.example/jobs/1',
    annotations: [],
  });

  const { summary } = fake.checks.get(id)!.output as { summary: string };
  expect(summary.length).toBeLessThanOrEqual(65_535);
  expect(summary).toMatch(
    /^HEAD[\s\S]*more row\(s\), left out for GitHub's limit[\s\S]*Left out for GitHub's limit: the end\. Everything: https:\/\/bench\.example\/jobs\/1_$/,
  );
});

describe('consent', () => {
  const fork: PullRequest = {
    number: 7,
    headSha: 'a'.repeat(40),
    baseSha: 'b'.repeat(40),
    fork: true,
    pushedAt: '2026-01-01T00:00:10Z',
  };
  const trigger = { type: 'pull-request', pull: fork } as const;
  const labelled = (event: string, at: string, name = 'bench') => ({
    event,
    label: { name },
    created_at: at,
  });
  const asked = (
    events: unknown[],
    given: Partial<PullRequest> = {},
    label: string | null = 'bench',
  ) => {
    fake.events.set(7, events);
    return requireConsent({ ...fork, ...given }, trigger, label, github);
  };

  test('a pull request from the repository itself needs none', () =>
    expect(asked([], { fork: false })).resolves.toBeUndefined());
  test('a label that was set after the last push is one', () =>
    expect(asked([labelled('labeled', '2026-01-01T00:00:11Z')])).resolves.toBeUndefined());

  test('a label is found behind many other events', () => {
    const others = Array.from({ length: 230 }, () => ({
      event: 'subscribed',
      created_at: '2026-01-01T00:00:00Z',
    }));
    return expect(
      asked([...others, labelled('labeled', '2026-01-01T00:00:11Z'), ...others]),
    ).resolves.toBeUndefined();
  });

  test.each<[string, unknown[], Partial<PullRequest>, string | null]>([
    ['no label', [], {}, 'bench'],
    ['another label', [labelled('labeled', '2026-01-02T00:00:00Z', 'other')], {}, 'bench'],
    [
      'a label that was taken away',
      [labelled('labeled', '2026-01-02T00:00:00Z'), labelled('unlabeled', '2026-01-02T00:00:01Z')],
      {},
      'bench',
    ],
    [
      'a label from before the last push',
      [labelled('labeled', '2026-01-01T00:00:09Z')],
      {},
      'bench',
    ],
    [
      'a label in the second of the last push',
      [labelled('labeled', '2026-01-01T00:00:10Z')],
      {},
      'bench',
    ],
    [
      'a head whose repository is gone',
      [labelled('labeled', '2026-01-02T00:00:00Z')],
      { pushedAt: null },
      'bench',
    ],
    ['no label being asked for', [labelled('labeled', '2026-01-02T00:00:00Z')], {}, null],
  ])('%s is none', (_, events, given, label) =>
    expect(asked(events, given, label)).rejects.toMatchObject({ code: 'NOT_REVIEWED' }),
  );

  test('a comment holds for what had been pushed by then', async () => {
    await expect(
      requireConsent(
        fork,
        { type: 'comment', number: 7, at: '2026-01-01T00:00:09Z' },
        null,
        github,
      ),
    ).rejects.toMatchObject({ code: 'NOT_REVIEWED' });
    await expect(
      requireConsent(
        fork,
        { type: 'comment', number: 7, at: '2026-01-01T00:00:11Z' },
        null,
        github,
      ),
    ).resolves.toBeUndefined();
  });
});

describe('whose pull request it is', () => {
  const payload = (number: number, sha: string, repo = 2) => ({
    number,
    head: { sha, repo: { id: repo, pushed_at: '2026-01-01T00:00:00Z' } },
    base: { sha: 'b'.repeat(40), repo: { id: 1 } },
  });
  const around = (eventName: string, event: unknown) =>
    ({ eventName, event, sha: 'c'.repeat(40), ref: 'refs/heads/main' }) as Surroundings;
  const run = {
    event: 'pull_request',
    head_sha: 'a'.repeat(40),
    head_branch: 'topic',
    head_repository: { owner: { login: 'stranger' } },
  };
  beforeEach(() => fake.pulls.clear());

  test('of a workflow that ended, GitHub says by its head', async () => {
    fake.pulls.set(3, payload(3, 'a'.repeat(40))).set(4, payload(4, 'd'.repeat(40)));

    expect(
      await pullRequestOf(triggerOf(around('workflow_run', { workflow_run: run })), github),
    ).toMatchObject({ number: 3, fork: true });
    expect(fake.asked[0]!.path).toContain('head=stranger%3Atopic');
  });

  test('a head that has moved on is refused', async () => {
    fake.pulls.set(3, payload(3, 'd'.repeat(40)));

    await expect(
      pullRequestOf(triggerOf(around('workflow_run', { workflow_run: run })), github),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test.each(['NONE', 'CONTRIBUTOR', 'FIRST_TIMER'])(
    'a /bench of %s is refused',
    (author_association) => {
      const event = {
        issue: { number: 1, pull_request: {} },
        comment: { body: '/bench', author_association, created_at: 'x' },
      };

      expect(() => triggerOf(around('issue_comment', event))).toThrow(
        /only owners, members and collaborators/,
      );
    },
  );

  test.each(['please /bench', '/benchmark', ''])('the comment %j asks for nothing', (body) => {
    expect(() =>
      triggerOf(
        around('issue_comment', {
          issue: { number: 1, pull_request: {} },
          comment: { body, author_association: 'OWNER', created_at: 'x' },
        }),
      ),
    ).toThrow(/does not say \/bench/);
  });

  test('a push is a commit of its branch', () => {
    expect(triggerOf(around('push', {}))).toEqual({
      type: 'commit',
      sha: 'c'.repeat(40),
      branch: 'main',
    });
  });
});
