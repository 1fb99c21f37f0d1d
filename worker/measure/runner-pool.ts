import type { StepContext } from '../step-context.js';
import { openRunner, type Runner, type RunnerSpec } from './runner.js';

/** Containers that wait for their next run. Each costs some 20 MB of the engine's memory. */
const MOST_RUNNERS = 24;

/** The containers of a job's measured runs, one for every variant and workload; those not used for longest go first. */
export class RunnerPool implements AsyncDisposable {
  readonly #runners = new Map<string, Runner>();

  constructor(private readonly context: StepContext) {}

  /** A container that has seen no run of anything else. */
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
