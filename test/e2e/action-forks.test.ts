// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import { runAction } from '#support/action/workflow.js';
import { BUILD_LIMIT_MS } from '#support/user-service.js';
import { ActionService } from '#support/action/action-service.js';

const action = new ActionService();
beforeAll(() => action.start(), 120_000);
afterAll(() => action.stop(), 120_000);

test(
  "a fork's pull request is packed without secrets, and measured from the pack after a " +
    'maintainer set the label',
  async () => {
    const fork = {
      number: 9,
      head: { sha: action.headSha, repo: { id: 2, pushed_at: '2026-01-01T00:00:00Z' } },
      base: { sha: action.baseSha, repo: { id: 1 } },
    };
    const folder = join(action.repository.root, 'pack');
    const packed = await runAction(
      action.step(9, {
        inputs: { mode: 'pack', 'pack-folder': folder, 'server-url': '' },
        event: { pull_request: fork },
      }),
    );
    expect(packed).toMatchObject({ status: 0, outputs: { status: 'packed' } });

    const submit = action.step(9, {
      inputs: { mode: 'submit-packed', 'pack-folder': folder, 'label-required': 'bench' },
      runId: '300',
      environment: {
        GITHUB_EVENT_NAME: 'workflow_run',
        GITHUB_SHA: action.baseSha,
        GITHUB_REF: 'refs/heads/main',
      },
      event: {
        workflow_run: {
          event: 'pull_request',
          head_sha: action.headSha,
          head_branch: 'topic',
          head_repository: { owner: { login: 'stranger' } },
        },
      },
    });
    action.github.pulls.set(9, fork);
    const refused = await runAction(submit);
    action.github.events.set(9, [
      {
        event: 'labeled',
        label: { name: 'bench' },
        created_at: '2026-01-02T00:00:00Z',
        actor: { login: 'maintainer' },
      },
    ]);
    const ended = await runAction(submit);

    expect(refused).toMatchObject({ status: 0, outputs: { status: 'skipped', 'job-id': '' } });
    expect(refused.log).toMatch(
      /^::warning::.*a maintainer must review its code and set the label/m,
    );
    expect(ended).toMatchObject({
      status: 0,
      outputs: { status: 'succeeded', 'baseline-sha': action.baseSha },
    });
    expect(action.commentsOn(9)).toHaveLength(1);
  },
  BUILD_LIMIT_MS,
);

test(
  'a /bench comment of a maintainer measures the commits pushed before it, and no later ones',
  async () => {
    const pull = (pushed_at: string) => ({
      number: 10,
      head: { sha: action.headSha, repo: { id: 2, pushed_at } },
      base: { sha: action.baseSha, repo: { id: 1 } },
    });
    const bench = action.step(10, {
      inputs: { detach: 'true' },
      runId: '400',
      workspace: action.repository.shallow(action.baseSha),
      environment: {
        GITHUB_EVENT_NAME: 'issue_comment',
        GITHUB_SHA: action.baseSha,
        GITHUB_REF: 'refs/heads/main',
      },
      event: {
        issue: { number: 10, pull_request: {} },
        comment: {
          body: '/bench',
          author_association: 'MEMBER',
          created_at: '2026-01-02T00:00:00Z',
          user: { login: 'maintainer' },
        },
      },
    });
    action.github.pulls.set(10, pull('2026-01-02T00:00:01Z'));
    const late = await runAction(bench);
    action.github.pulls.set(10, pull('2026-01-01T00:00:00Z'));
    const ended = await runAction(bench);

    expect(late).toMatchObject({ status: 0, outputs: { status: 'skipped' } });
    expect(late.summary).toContain('pushed after the comment');
    expect(ended).toMatchObject({
      status: 0,
      outputs: { status: 'submitted', 'baseline-sha': action.baseSha },
    });
    const job = await action.jobOf(ended);
    expect(job.request).toMatchObject({ branch: 'pull/10', commit: action.headSha });
    await action.service.client.post(`/v1/jobs/${job.id}/cancel`, {});
    await action.expectCancelled(job.id);
  },
  BUILD_LIMIT_MS,
);
