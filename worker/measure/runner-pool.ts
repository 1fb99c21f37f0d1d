// SPDX-License-Identifier: GPL-2.0-or-later
import type { StepContext } from '../step-context.js';
import { openRunner, type Runner, type RunnerSpec } from './runner.js';

/**
 * Limit for containers that wait for their next run. Each uses about 20 MB of the engine's memory.
 */
const MOST_RUNNERS = 24;

/**
 * Pool of containers for a job's measured runs, one per variant and workload. The least recently
 * used container is removed first.
 */
export class RunnerPool implements AsyncDisposable {
  readonly #runners = new Map<string, Runner>();

  constructor(private readonly context: StepContext) {}

  /** Returns a container that has only run this key. */
  async get(key: string, spec: RunnerSpec): Promise<Runner> {
    const known = this.#runners.get(key);
    this.#runners.delete(key);
    if (known?.reusable === true) {
      this.#runners.set(key, known);
      return known;
    }
    await known?.[Symbol.asyncDispose]();
    const [oldest] = this.#runners;
    if (oldest !== undefined && this.#runners.size >= MOST_RUNNERS) {
      this.#runners.delete(oldest[0]);
      await oldest[1][Symbol.asyncDispose]();
    }
    const runner = await openRunner(this.context, spec);
    this.#runners.set(key, runner);
    return runner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const runners = [...this.#runners.values()];
    this.#runners.clear();
    await Promise.all(runners.map((runner) => runner[Symbol.asyncDispose]()));
  }
}
