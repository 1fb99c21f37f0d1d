// SPDX-License-Identifier: GPL-2.0-or-later
import { Piscina } from 'piscina';
import { QibenchError } from '#contract/error.js';
import type { TaskInput, TaskName, TaskResult } from './tasks.js';
import type { FromThread, ThreadSettings, ToThread } from './thread.js';

export interface PoolLimits {
  /** Threads; one can process a large job while the other answers badges. */
  readonly threads: number;
  /** Milliseconds after which a task's thread is ended. */
  readonly taskMs: number;
  /** Waiting tasks of one project, beside its running one. */
  readonly waitingPerProject: number;
  /** Waiting tasks of all projects; beyond it, one of each project. */
  readonly waiting: number;
}

export const POOL_LIMITS: PoolLimits = {
  threads: 2,
  taskMs: 60_000,
  waitingPerProject: 16,
  waiting: 64,
};
/** Milliseconds that a thread may need to end after its task's limit. */
const END_MS = 5_000;
/** Lowers the priority of the threads, so that computing delays no request on a busy machine. */
const NICE = 10;
/** Heap of a thread. A task that needs more ends its thread, not the process. */
const HEAP_MEBIBYTES = 1_024;
const IDLE_MS = 60_000;
/** Share of the pool's own tasks; not a project's name. */
const OWN_SHARE = '\0';

interface Call {
  /** Empty for data without a project. */
  readonly project: string;
  readonly task: ToThread;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs tasks in worker threads. Each project runs one task at a time, so that one tenant cannot
 * hold all threads; the oldest waiting task of an idle project is next. Threads start on demand,
 * and are replaced if they end.
 */
export class Pool {
  readonly #threads: Piscina<ToThread, FromThread>;
  readonly #limits: PoolLimits;
  /** Start of the running task by project, in milliseconds of `performance.now`. */
  readonly #running = new Map<string, number>();
  #waiting: Call[] = [];
  /** Whether the newest task ended because its thread did, not by an error of its own. */
  #threadFailed = false;
  #closed = false;

  constructor(settings: ThreadSettings, limits: PoolLimits = POOL_LIMITS) {
    this.#limits = limits;
    this.#threads = new Piscina({
      filename: new URL('./thread.js', import.meta.url).href,
      maxThreads: limits.threads,
      minThreads: 0,
      idleTimeout: IDLE_MS,
      workerData: settings,
      niceIncrement: NICE,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
    });
    // A thread that cannot start fails its task; without a listener it would crash the process.
    this.#threads.on('error', () => (this.#threadFailed = true));
  }

  /**
   * Runs a task in a thread and rejects with the task's own errors.
   * @param project Project in whose share the task runs; null for data without a project.
   * @throws {UNAVAILABLE} Too many tasks wait, the pool is closed or the thread fails.
   * @throws {COMPUTATION_LIMIT} The task exceeds its time.
   */
  run<N extends TaskName>(
    project: string | null,
    name: N,
    input: TaskInput<N>,
  ): Promise<TaskResult<N>> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.filter((call) => call.project === (project ?? '')).length;
      if (this.#closed) return reject(unavailable('the service is shutting down'));
      if (waiting >= this.#limits.waitingPerProject)
        return reject(unavailable(`${waiting} computations of the project are waiting`));
      // Some projects that fill the queue must not shut out the others.
      if (waiting > 0 && this.#waiting.length >= this.#limits.waiting)
        return reject(unavailable(`${this.#waiting.length} computations are waiting`));
      this.#waiting.push({
        project: project ?? '',
        task: { name, input },
        resolve: resolve as Call['resolve'],
        reject,
      });
      this.#assign();
    });
  }

  /**
   * Returns why the pool does not compute; null if it does. A full queue is not a reason: projects
   * that fill the queues of all processes would end the whole service.
   */
  async problem(): Promise<string | null> {
    if (this.#closed) return 'is closed';
    const since = performance.now() - this.#limits.taskMs - END_MS;
    if ([...this.#running.values()].some((start) => start < since)) return 'a thread does not end';
    if (this.#threadFailed && this.#running.size < this.#limits.threads)
      await this.run(OWN_SHARE, 'ping', undefined).catch(() => undefined);
    return this.#threadFailed ? 'threads fail' : null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0))
      reject(unavailable('the service is shutting down'));
    await this.#threads.destroy();
  }

  #assign(): void {
    while (this.#running.size < this.#limits.threads && !this.#closed) {
      const next = this.#waiting.find(({ project }) => !this.#running.has(project));
      if (next === undefined) return;
      this.#waiting = this.#waiting.filter((call) => call !== next);
      this.#running.set(next.project, performance.now());
      void this.#runNow(next).finally(() => {
        this.#running.delete(next.project);
        this.#assign();
      });
    }
  }

  async #runNow({ task, resolve, reject }: Call): Promise<void> {
    const limit = AbortSignal.timeout(this.#limits.taskMs);
    try {
      const answer = await this.#threads.run(task, { signal: limit });
      this.#threadFailed = false;
      if ('result' in answer) resolve(answer.result);
      else if ('known' in answer) reject(QibenchError.from(answer.known));
      else reject(answer.unknown);
    } catch (error) {
      if (limit.aborted)
        return reject(
          new QibenchError('COMPUTATION_LIMIT', { limitSeconds: this.#limits.taskMs / 1_000 }),
        );
      this.#threadFailed = !this.#closed;
      reject(unavailable('the thread that computes it has ended', error));
    }
  }
}

const unavailable = (reason: string, cause?: unknown): QibenchError =>
  new QibenchError('UNAVAILABLE', { what: 'this result', reason }, { cause });
