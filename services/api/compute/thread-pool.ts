// SPDX-License-Identifier: GPL-2.0-or-later
import { Worker } from 'node:worker_threads';
import { QibenchError } from '#contract/error.js';
import type { TaskInput, TaskName, TaskResult } from './tasks.js';
import type { FromThread, ThreadSettings, ToThread } from './thread.js';

/** One thread can process a large job while the other answers badges. */
const THREADS = 2;

interface Call extends ToThread {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Task in progress; null if the thread is idle. */
  call: Call | null;
}

/**
 * FIFO pool of worker threads, one task per thread. Threads start on demand and are replaced if
 * they crash.
 */
export class ThreadPool {
  readonly #settings: ThreadSettings;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Call[] = [];
  #closed = false;

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
  }

  /**
   * Runs a task in a thread and rejects with the task's own errors.
   * @throws {UNAVAILABLE} when the pool is closed or the thread ends before the task.
   */
  run<N extends TaskName>(name: N, input: TaskInput<N>): Promise<TaskResult<N>> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closing());
      this.#waiting.push({ name, input, resolve: resolve as Call['resolve'], reject });
      this.#assign();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closing());
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }

  #assign(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      const thread =
        [...this.#threads].find(({ call }) => call === null) ??
        (this.#threads.size < THREADS ? this.#start() : null);
      if (thread === null) return;
      thread.call = this.#waiting.shift()!;
      const { name, input } = thread.call;
      thread.worker.postMessage({ name, input } satisfies ToThread);
    }
  }

  #start(): Thread {
    const worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData: this.#settings,
    });
    const thread: Thread = { worker, call: null };
    this.#threads.add(thread);
    worker.on('message', (message: FromThread) => {
      const call = thread.call!;
      thread.call = null;
      if ('result' in message) call.resolve(message.result);
      else call.reject('known' in message ? QibenchError.from(message.known) : message.unknown);
      this.#assign();
    });
    worker.on('error', (error) => thread.call?.reject(error));
    worker.on('exit', () => {
      thread.call?.reject(closing());
      this.#threads.delete(thread);
      this.#assign();
    });
    return thread;
  }
}

const closing = (): QibenchError =>
  new QibenchError('UNAVAILABLE', {
    what: 'this result',
    reason: 'the thread that computes it has ended',
  });
