// SPDX-License-Identifier: GPL-2.0-or-later
import type { Engine } from './engine/engine.js';
import type { Progress } from './job/progress.js';

/** Everything that every step of a job needs. */
export interface StepContext {
  readonly backend: Engine;
  /** Folder of the project: qemu/, dockerfiles/, workloads/. */
  readonly rootDir: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Labels of the job's containers. */
  readonly labels: Readonly<Record<string, string>>;
  readonly limits: BuildLimits;
  /** Folder of the lock files that stop workers on one host from building the same image twice. */
  readonly lockFolder: string;
}

/** Limits of a step's container. A step that exceeds them has failed; it is not just slow. */
export interface Limits {
  readonly timeMs: number;
  readonly memoryBytes: number;
  /** Limit for the root file system, and so for all files together. */
  readonly diskBytes: number;
  readonly pids: number;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/**
 * Limits of the containers that compile or unpack, by kind of step; `small` is for all other steps
 * and never runs uploaded code.
 */
export const BUILD_LIMITS = {
  tree: { timeMs: 45 * 60_000, memoryBytes: 6 * GIB, diskBytes: 16 * GIB, pids: 2048 },
  variant: { timeMs: 20 * 60_000, memoryBytes: 6 * GIB, diskBytes: 8 * GIB, pids: 2048 },
  library: { timeMs: 120_000, memoryBytes: 2 * GIB, diskBytes: GIB, pids: 128 },
  patch: { timeMs: 120_000, memoryBytes: GIB, diskBytes: 64 * MIB, pids: 64 },
  workload: { timeMs: 600_000, memoryBytes: 4 * GIB, diskBytes: 6 * GIB, pids: 512 },
  source: { timeMs: 600_000, memoryBytes: 2 * GIB, diskBytes: 8 * GIB, pids: 256 },
  small: { timeMs: 60_000, memoryBytes: GIB, diskBytes: GIB, pids: 64 },
} as const satisfies Record<string, Limits>;
type BuildLimits = Readonly<Record<keyof typeof BUILD_LIMITS, Limits>>;

/**
 * Limits of a measured run's container. A CPU quota is missing on purpose: throttling would distort
 * measurements. The workload sets the time limit.
 */
export const RUN_LIMITS = {
  memoryBytes: 2 * GIB,
  tmpBytes: GIB / 2,
  pids: 256,
  fileBytes: 8 * GIB,
} as const;

/** Folders inside build containers. */
export const PATHS = {
  source: '/qemu/src',
  build: '/qemu/build',
  prefix: '/opt/qemu',
  events: '/qemu/trace-events',
  instrumentation: '/qemu/instrumentation',
  plugin: '/qemu/plugin',
  workload: '/qemu/workload',
} as const;

/** The user of measured runs. */
export const RUN_USER_ID = 65534;

/** The user that owns trees and runs all builds. */
export const BUILDER = '1000:1000';
