// SPDX-License-Identifier: GPL-2.0-or-later
import { FakeGitHub } from '../github/fake-github.js';
import { runAction, type Ended, type Step } from './workflow.js';

export interface PullRequestStep {
  readonly server: string;
  readonly github: FakeGitHub;
  readonly number: number;
  readonly headSha: string;
  readonly baseSha: string;
  readonly workspace: string;
  readonly runId: string;
  readonly inputs?: Record<string, string>;
  readonly environment?: Record<string, string>;
  /** More fields of the pull request, in the form of GitHub's payload. */
  readonly pull?: object;
  readonly after?: Ended;
}

/** The step of a workflow started by a pull request of the repository itself. */
export function pullRequestStep({
  server,
  github,
  number,
  headSha,
  baseSha,
  workspace,
  runId,
  inputs,
  environment,
  pull,
  after,
}: PullRequestStep): Step {
  const payload = {
    number,
    head: { sha: headSha, repo: { id: 1, pushed_at: '2026-01-01T00:00:00Z' } },
    base: { sha: baseSha, repo: { id: 1 } },
  };
  return {
    inputs: { 'server-url': server, 'github-token': 'ghs_secret', ...inputs },
    environment: {
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REPOSITORY: 'owner/name',
      GITHUB_SHA: headSha,
      GITHUB_REF: `refs/pull/${number}/merge`,
      GITHUB_RUN_ID: runId,
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_JOB: 'bench',
      GITHUB_WORKSPACE: workspace,
      GITHUB_API_URL: github.url,
      GITHUB_SERVER_URL: 'https://github.example',
      ...environment,
    },
    event: { action: 'synchronize', pull_request: { ...payload, ...pull } },
    after,
  };
}

/** Runs the Action and meanwhile calls `act` with the job that it submits. */
export async function runWith(
  step: Step,
  act: (jobId: string, kill: (signal: NodeJS.Signals) => void) => Promise<void>,
): Promise<Ended> {
  let acting: Promise<void> | null = null;
  const ended = await runAction({
    ...step,
    onOutput: (text, kill) => {
      const id = /^job ([0-9a-f-]{36}): /m.exec(text)?.[1];
      if (id === undefined || acting !== null) return;
      acting = act(id, kill);
      acting.catch(() => kill('SIGKILL')); // else the Action waits for a job that no worker takes
    },
  });
  await acting;
  return ended;
}
