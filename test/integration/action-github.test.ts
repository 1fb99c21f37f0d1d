// SPDX-License-Identifier: GPL-2.0-or-later
import { putComment, type Comment } from '#action/github/comment.js';
import { beginCheck, finishCheck } from '#action/github/check.js';
import { openGitHub, type GitHub } from '#action/github/client.js';
import { FakeGitHub, FAULTS } from '#support/github/fake-github.js';

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
  github = fake.open((text) => notes.push(text));
});

const comment = (details: Partial<Comment> = {}): Comment => ({
  pullNumber: pull,
  key: 'p\0job',
  runId: '10',
  sections: [{ title: 'a', lines: ['REPORT'] }],
  page: 'https://bench.example/jobs/1',
  remarkable: false,
  mode: 'always',
  ...details,
});
const bodies = () => (fake.comments.get(pull) ?? []).map(({ body }) => body);

test('the comment is created once, found again behind many others, and updated', async () => {
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

test('every job and project has its own comment', async () => {
  await putComment(github, comment());
  await putComment(github, comment({ key: 'p\0other' }));

  expect(bodies()).toHaveLength(2);
});

test("a stranger's comment with our marker is not treated as ours", async () => {
  await putComment(github, comment());
  const marked = bodies()[0]!;
  fake.comments.set(pull, []);
  fake.addComment(pull, marked);

  expect(await putComment(github, comment())).toBe('created');
  expect(bodies()).toHaveLength(2);
});

test('the report of an older run does not replace a newer one', async () => {
  await putComment(github, comment({ runId: '9007199254740993' }));

  expect(await putComment(github, comment({ runId: '9007199254740992' }))).toBe('newer');
});

test(
  'with on-change the first comment appears with the first finding, and is resolved when the ' +
    'finding is gone',
  async () => {
    expect(await putComment(github, comment({ mode: 'on-change' }))).toBe('none');
    await putComment(github, comment({ mode: 'on-change', remarkable: true, runId: '11' }));
    expect(bodies()[0]).not.toContain('Resolved');
    await putComment(github, comment({ mode: 'on-change', runId: '12' }));
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toContain('**Resolved:**');
  },
);

test('a report of any size becomes a comment that GitHub accepts', async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => `| ü ${index} |`);
  await putComment(github, comment({ sections: [{ title: 'rows', lines: ['HEAD'], rows }] }));

  expect(bodies()[0]).toMatch(/^<!-- qibench .*\nHEAD\n[\s\S]*left out for GitHub's limit/);
});

test('a secondary rate limit is waited out for the time that GitHub names', async () => {
  fake.faults.push({ on: /POST .*comments/, ...FAULTS.secondaryLimit });

  expect(await putComment(github, comment())).toBe('created');
  expect(notes).toEqual([expect.stringContaining('secondary rate limit')]);
});

test('a primary rate limit that ends soon is waited out', async () => {
  fake.faults.push({ on: /GET .*comments/, ...FAULTS.primaryLimit(Date.now()) });

  expect(await putComment(github, comment())).toBe('created');
  expect(notes).toEqual([expect.stringContaining('primary rate limit')]);
});

test('a long rate limit is not waited out, and the log names the time', async () => {
  fake.faults.push({ on: /GET .*comments/, ...FAULTS.primaryLimit(Date.now() + 3_600_000) });

  await expect(putComment(github, comment())).rejects.toMatchObject({ status: 403 });
  expect(notes).toEqual([
    expect.stringMatching(/primary rate limit is reached for .*; it asks to wait 36\d\d s/),
  ]);
  expect(fake.asked).toHaveLength(1);
});

test("the Action sends GitHub Enterprise Server requests to that server's address, page after page", async () => {
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

test('a temporary server error is retried, a permission error is not', async () => {
  fake.faults.push({ on: /GET .*comments/, ...FAULTS.serverError });
  await putComment(github, comment());
  fake.asked.length = 0;
  fake.faults.push({ on: /GET .*comments/, ...FAULTS.forbidden });

  await expect(putComment(github, comment())).rejects.toMatchObject({ status: 403 });
  expect(fake.asked).toHaveLength(1);
});

test('a check run starts in progress and ends with all annotations, fifty per request', async () => {
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

test('a check run accepts a report of any size, and says that parts are missing', async () => {
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
