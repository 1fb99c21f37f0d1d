// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { Target } from '#contract/qemu.js';
import type { QemuInvocation } from '#contract/qemu-invocation.js';
import type { WorkloadDefinition } from '#contract/workload.js';

/** Inputs of a run beside the schedule. */
export interface RunInputs {
  readonly target: Target;
  readonly definition: WorkloadDefinition;
  readonly build: Build;
  readonly workloadVolume: string;
  readonly instrumentationVolume: string;
  /** The CPUs of the container, in list syntax. */
  readonly cpuset: string;
  readonly fifoPriority: number | null;
  /** Image that traces the run; null: none. */
  readonly tracer?: string | null;
  /** What the job gives to QEMU in every run. */
  readonly qemu?: QemuInvocation | undefined;
  /** Value of the workload's size parameter; null: the workload has no size. */
  readonly sizeValue: number | null;
}
