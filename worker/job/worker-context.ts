// SPDX-License-Identifier: GPL-2.0-or-later
import type { WorkerRole } from '#contract/requires.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { Store } from '#store/store.js';
import type { DiskBudget } from '../engine/disk-budget.js';
import type { Engine } from '../engine/engine.js';
import type { ImageRegistry } from '../engine/image-registry.js';
import type { Heartbeat } from './heartbeat.js';
import type { MeasuringHost } from './job-context.js';
import type { WorkerTelemetry } from './observed-job.js';

/** Everything that a worker needs to run jobs. */
export interface WorkerContext {
  readonly store: Store;
  readonly backend: Engine;
  readonly rootDir: string;
  readonly worker: string;
  readonly role: WorkerRole;
  readonly host: MeasuringHost;
  /** Stored bytes per trace file, at most. */
  readonly traceMaxBytes: number;
  /** Time limit of a job, from its first claim. */
  readonly jobLimitMs: number;
  readonly workloads: readonly WorkloadDefinition[];
  /** Hosts that sources of QEMU may come from. */
  readonly sourceHosts: readonly string[];
  readonly heartbeat: Heartbeat;
  readonly telemetry: WorkerTelemetry;
  /** Null: images stay on the engine. */
  readonly sharing: ImageRegistry | null;
  readonly disk: Pick<DiskBudget, 'shortage' | 'isFull'>;
  /** Aborted when the worker must stop; leased jobs then go back to the queue. */
  readonly shutdown: AbortSignal;
}
