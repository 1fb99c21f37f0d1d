// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { jobEvents } from '#cli/event-stream.js';
import type { Job } from '#contract/job.js';
import { FakeGitHub } from '../github/fake-github.js';
import { startTestService, type TestService } from '../user-service.js';
import { TestRepository } from './repository.js';
import type { Ended, Step } from './workflow.js';

/** A job file of the repository. */
export const JOB = (blocks = 6, writes = 20_000) => `name: what \`count\` costs @everyone
qemu: { version: "7.2", target: x86_64-softmmu }
events: [memory_region_ops_write]
instrumentation: code
variants: [none, dynamic]
workloads: [{ name: port-io, parameters: { writes: ${writes} } }]
blocks: ${blocks}
confirm: false
`;

/** Pull requests of a repository on a fake GitHub, measured by a whole service. */
export class ActionService {
  readonly github = new FakeGitHub();
  readonly repository = new TestRepository();
  service!: TestService;
  baseSha = '';
  headSha = '';
  #checkout = '';

  async start(): Promise<void> {
    this.service = await startTestService();
    await this.github.start();
    this.baseSha = this.repository
      .copy('qemu/examples/count', 'code')
      .write('.qibench.yaml', JOB())
      .commit('base');
    this.repository.git('switch', '-q', '-c', 'topic');
    const count = readFileSync('qemu/examples/count/instrument.c', 'utf8');
    this.headSha = this.repository
      .write('code/instrument.c', `${count}/* another head */\n`)
      .commit('head');
    this.#checkout = this.repository.shallow(this.headSha);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.github.stop();
    this.repository.remove();
  }

  /** The step of a workflow for a pull request; by default it measures the head. */
  step(
    number: number,
    overrides: Partial<Step> & { sha?: string; workspace?: string; runId?: string } = {},
  ): Step {
    const sha = overrides.sha ?? this.headSha;
    const pull = {
      number,
      head: { sha, repo: { id: 1, pushed_at: '2026-01-01T00:00:00Z' } },
      base: { sha: this.baseSha, repo: { id: 1 } },
    };
    return {
      inputs: {
        'server-url': this.service.client.server,
        'github-token': 'ghs_secret',
        ...overrides.inputs,
      },
      environment: {
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_REPOSITORY: 'owner/name',
        GITHUB_SHA: sha,
        GITHUB_REF: `refs/pull/${number}/merge`,
        GITHUB_RUN_ID: overrides.runId ?? '100',
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_JOB: 'bench',
        GITHUB_WORKSPACE: overrides.workspace ?? this.#checkout,
        GITHUB_API_URL: this.github.url,
        GITHUB_SERVER_URL: 'https://github.example',
        ...overrides.environment,
      },
      event: overrides.event ?? { action: 'synchronize', pull_request: pull },
      onOutput: overrides.onOutput,
      after: overrides.after,
    };
  }

  jobOf({ outputs }: Ended): Promise<Job> {
    return this.service.client.get<Job>(`/v1/jobs/${outputs['job-id']}`);
  }

  commentsOn(number: number) {
    return this.github.comments.get(number) ?? [];
  }

  lastCheck() {
    return [...this.github.checks.values()].at(-1)!;
  }

  /** Waits for the end of a job, which must be its cancellation. */
  async expectCancelled(jobId: string): Promise<void> {
    const states: string[] = [];
    for await (const { body } of jobEvents(this.service.client, jobId))
      if (body.type === 'state') states.push(body.state);
    expect(states.at(-1)).toBe('cancelled');
  }
}
