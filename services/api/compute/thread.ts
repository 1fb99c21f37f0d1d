// SPDX-License-Identifier: GPL-2.0-or-later
/** A thread of the pool: receives one task at a time and sends back its result or its error. */
import { parentPort, workerData } from 'node:worker_threads';
import { QibenchError, type ErrorBody } from '#contract/error.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { openStore } from '#store/store.js';
import type { TaskContext } from './task-context.js';
import { TASKS, type TaskName } from './tasks.js';

export interface ThreadSettings {
  readonly databaseUrl: string;
  readonly workloads: readonly WorkloadDefinition[];
}
export interface ToThread {
  readonly name: TaskName;
  readonly input: unknown;
}
/** Catalogue errors are sent as their bodies, since objects lose their class between threads. */
export type FromThread =
  { readonly result: unknown } | { readonly known: ErrorBody } | { readonly unknown: unknown };

const port = parentPort!;
const { databaseUrl, workloads } = workerData as ThreadSettings;
const context: TaskContext = { store: await openStore(databaseUrl), workloads };

port.on('message', ({ name, input }: ToThread) => {
  const task = TASKS[name] as (context: TaskContext, input: unknown) => Promise<unknown>;
  const send = (message: FromThread) => port.postMessage(message);
  task(context, input).then(
    (result) => send({ result }),
    (error: unknown) =>
      send(
        error instanceof QibenchError
          ? { known: error.toBody() }
          : { unknown: error instanceof Error ? error : String(error) },
      ),
  );
});
