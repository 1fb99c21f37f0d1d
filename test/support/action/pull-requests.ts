// SPDX-License-Identifier: GPL-2.0-or-later
import { openStore, type Store } from '#store/store.js';
import { startApi } from '../api-process.js';
import { FakeGitHub } from '../github/fake-github.js';
import { pullRequestStep, type PullRequestStep } from './pull-request.js';
import { TestRepository } from './repository.js';
import { StandIn } from './stand-in.js';
import type { Step } from './workflow.js';

/**
 * Pull requests of a repository with the `count` instrumentation in `code`, on a fake GitHub. A
 * stand-in measures their jobs. One is current: its number is `number`.
 */
export class PullRequests {
  readonly github = new FakeGitHub();
  readonly repository = new TestRepository();
  baseSha = '';
  #store!: Store;
  #api!: Awaited<ReturnType<typeof startApi>>;

  constructor(public number: number) {}

  async start(jobFile: string): Promise<void> {
    await this.github.start();
    this.#store = await openStore(process.env.TEST_DATABASE_URL!);
    this.#api = await startApi();
    this.baseSha = this.repository
      .copy('qemu/examples/count', 'code')
      .write('.qibench.yaml', jobFile)
      .commit('base');
  }

  async stop(): Promise<void> {
    await this.#api.stop();
    await this.#store.close();
    await this.github.stop();
    this.repository.remove();
  }

  get client() {
    return this.#api.client;
  }

  get standIn(): StandIn {
    return new StandIn(this.#store);
  }

  get store(): Store {
    return this.#store;
  }

  /** Starts the current pull request's branch at the base. */
  branch(): TestRepository {
    this.repository.git('switch', '-q', '-C', `topic-${this.number}`, this.baseSha);
    return this.repository;
  }

  /** The step of a workflow for the current pull request. */
  step(headSha: string, more: Partial<PullRequestStep> = {}): Step {
    return pullRequestStep({
      server: this.client.server,
      github: this.github,
      number: this.number,
      headSha,
      baseSha: this.baseSha,
      workspace: this.repository.workspace,
      runId: String(this.number),
      ...more,
    });
  }

  /** Texts of the current pull request's comments. */
  comments(): string[] {
    return (this.github.comments.get(this.number) ?? []).map(({ body }) => body);
  }
}
