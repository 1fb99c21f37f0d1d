// SPDX-License-Identifier: GPL-2.0-or-later
/** A thread of the pool: runs one task at a time and returns its result or its error. */
import { workerData } from 'piscina';
import { QibenchError, type ErrorBody } from '#contract/error.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { toUnavailable } from '#store/outage.js';
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

const { databaseUrl, workloads } = workerData as ThreadSettings;
let context: Promise<TaskContext> | null = null;

/**
 * Connects for the first task: a thread that fails at its start would be started again and again.
 * @throws {UNAVAILABLE} The API has started with this database, so its setting is right.
 */
function connected(): Promise<TaskContext> {
  context ??= openStore(databaseUrl).then(
    (store) => ({ store, workloads }),
    (error: Error) => {
      const parameters = { what: 'Postgres', reason: error.message };
      throw new QibenchError('UNAVAILABLE', parameters, { cause: error });
    },
  );
  context.catch(() => (context = null));
  return context;
}

export default async function runTask({ name, input }: ToThread): Promise<FromThread> {
  const task = TASKS[name] as (context: TaskContext, input: unknown) => Promise<unknown>;
  try {
    return { result: await task(await connected(), input) };
  } catch (thrown) {
    const error = toUnavailable(thrown);
    return error instanceof QibenchError
      ? { known: error.toBody() }
      : { unknown: error instanceof Error ? error : String(error) };
  }
}
