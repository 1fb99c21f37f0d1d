// SPDX-License-Identifier: GPL-2.0-or-later
import type { WorkloadDefinition } from '#contract/workload.js';
import type { Store } from '#store/store.js';

/** Context of every task: its thread's own connections and the definitions of all shipped workloads. */
export interface TaskContext {
  readonly store: Store;
  readonly workloads: readonly WorkloadDefinition[];
}
