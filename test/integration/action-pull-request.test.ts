// SPDX-License-Identifier: GPL-2.0-or-later
import { type GitHub } from '#action/github/client.js';
import { pullRequestOf, requireConsent } from '#action/github/pull-request.js';
import { triggerOf, type PullRequest, type WorkflowEnv } from '#action/trigger.js';
import { FakeGitHub } from '#support/github/fake-github.js';

const fake = new FakeGitHub();
let github: GitHub;
beforeAll(() => fake.start());
afterAll(() => fake.stop());

beforeEach(() => {
  fake.asked.length = 0;
  github = fake.open(() => undefined);
});

describe('consent for a pull request', () => {
  const fork: PullRequest = {
    number: 7,
    headSha: 'a'.repeat(40),
    baseSha: 'b'.repeat(40),
    fork: true,
    pushedAt: '2026-01-01T00:00:10Z',
  };
  const trigger = { type: 'pull-request', pull: fork } as const;
  const labelled = (event: string, at: string, name = 'bench', login = 'maintainer') => ({
    event,
    label: { name },
    created_at: at,
    actor: { login },
  });
  /** What GitHub's API answers; an event's payload may be older. */
  const onGitHub = ({ headSha, baseSha, pushedAt }: PullRequest) =>
    fake.pulls.set(7, {
      number: 7,
      head: { sha: headSha, repo: pushedAt === null ? null : { id: 2, pushed_at: pushedAt } },
      base: { sha: baseSha, repo: { id: 1 } },
    });
  beforeEach(() => onGitHub(fork));
  const asked = (
    events: unknown[],
    details: Partial<PullRequest> = {},
    label: string | null = 'bench',
  ) => {
    fake.events.set(7, events);
    if ('pushedAt' in details) onGitHub({ ...fork, ...details });
    return requireConsent({ ...fork, ...details }, trigger, label, github);
  };

  test('is not needed if the pull request comes from the repository itself', () =>
    expect(asked([], { fork: false })).resolves.toBeUndefined());
  test('is given by a label set after the last push', () =>
    expect(asked([labelled('labeled', '2026-01-01T00:00:11Z')])).resolves.toBeUndefined());

  test('is found in a label event behind many other events', () => {
    const others = Array.from({ length: 230 }, () => ({
      event: 'subscribed',
      created_at: '2026-01-01T00:00:00Z',
    }));
    return expect(
      asked([...others, labelled('labeled', '2026-01-01T00:00:11Z'), ...others]),
    ).resolves.toBeUndefined();
  });

  test.each<[string, unknown[], Partial<PullRequest>, string | null]>([
    ['a missing label', [], {}, 'bench'],
    ['another label', [labelled('labeled', '2026-01-02T00:00:00Z', 'other')], {}, 'bench'],
    [
      'a removed label',
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
      "a label if the head's repository is gone",
      [labelled('labeled', '2026-01-02T00:00:00Z')],
      { pushedAt: null },
      'bench',
    ],
    [
      'a label of a user who may not write',
      [labelled('labeled', '2026-01-02T00:00:00Z', 'bench', 'triager')],
      {},
      'bench',
    ],
    [
      'a label of an unknown user',
      [labelled('labeled', '2026-01-02T00:00:00Z', 'bench', '..')],
      {},
      'bench',
    ],
    [
      'a label for commits that are not the newest',
      [labelled('labeled', '2026-01-02T00:00:00Z')],
      { headSha: 'e'.repeat(40) },
      'bench',
    ],
    ['a label if none is required', [labelled('labeled', '2026-01-02T00:00:00Z')], {}, null],
  ])('is not given by %s', (_, events, details, label) =>
    expect(asked(events, details, label)).rejects.toMatchObject({ code: 'NOT_REVIEWED' }),
  );

  test('takes the time of the last push from GitHub, not from the event', async () => {
    onGitHub({ ...fork, pushedAt: '2026-01-01T00:00:12Z' });
    fake.events.set(7, [labelled('labeled', '2026-01-01T00:00:11Z')]);

    await expect(requireConsent(fork, trigger, 'bench', github)).rejects.toThrow(
      /pushed after the label/,
    );
  });

  test('is given by a comment for the commits pushed before it, of a user who may write', async () => {
    const commented = (at: string, by: string) =>
      requireConsent(fork, { type: 'comment', number: 7, at, by }, null, github);

    await expect(commented('2026-01-01T00:00:09Z', 'maintainer')).rejects.toThrow(
      /pushed after the comment/,
    );
    await expect(commented('2026-01-01T00:00:11Z', 'triager')).rejects.toThrow(
      /"triager" may not write to the repository/,
    );
    await expect(commented('2026-01-01T00:00:11Z', 'maintainer')).resolves.toBeUndefined();
  });
});

describe('the pull request of an event', () => {
  const payload = (number: number, sha: string, repo = 2) => ({
    number,
    head: { sha, repo: { id: repo, pushed_at: '2026-01-01T00:00:00Z' } },
    base: { sha: 'b'.repeat(40), repo: { id: 1 } },
  });
  const workflow = (eventName: string, event: unknown) =>
    ({ eventName, event, sha: 'c'.repeat(40), ref: 'refs/heads/main' }) as WorkflowEnv;
  const run = {
    event: 'pull_request',
    head_sha: 'a'.repeat(40),
    head_branch: 'topic',
    head_repository: { owner: { login: 'stranger' } },
  };
  beforeEach(() => fake.pulls.clear());

  test('is found by the head of the ended workflow run', async () => {
    fake.pulls.set(3, payload(3, 'a'.repeat(40))).set(4, payload(4, 'd'.repeat(40)));

    expect(
      await pullRequestOf(triggerOf(workflow('workflow_run', { workflow_run: run })), github),
    ).toMatchObject({ number: 3, fork: true });
    expect(fake.asked[0]!.path).toContain('head=stranger%3Atopic');
  });

  test('is refused if its head has moved on', async () => {
    fake.pulls.set(3, payload(3, 'd'.repeat(40)));

    await expect(
      pullRequestOf(triggerOf(workflow('workflow_run', { workflow_run: run })), github),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test.each(['NONE', 'CONTRIBUTOR', 'FIRST_TIMER'])(
    'is refused for a /bench comment of %s',
    (author_association) => {
      const event = {
        issue: { number: 1, pull_request: {} },
        comment: { body: '/bench', author_association, created_at: 'x', user: { login: 'u' } },
      };

      expect(() => triggerOf(workflow('issue_comment', event))).toThrow(
        /only owners, members and collaborators/,
      );
    },
  );

  test.each(['please /bench', '/benchmark', ''])('is not requested by the comment %j', (body) => {
    expect(() =>
      triggerOf(
        workflow('issue_comment', {
          issue: { number: 1, pull_request: {} },
          comment: { body, author_association: 'OWNER', created_at: 'x', user: { login: 'u' } },
        }),
      ),
    ).toThrow(/does not say \/bench/);
  });

  test("is replaced by the branch's commit for a push", () => {
    expect(triggerOf(workflow('push', {}))).toEqual({
      type: 'commit',
      sha: 'c'.repeat(40),
      branch: 'main',
      baseSha: null,
    });
  });
});
