import type { Backend } from '../backend/backend.js';
import type { Progress } from '../progress.js';

/** What every build step needs. */
export interface BuildContext {
  readonly backend: Backend;
  /** Folder of the project: qemu/, dockerfiles/, workloads/. */
  readonly rootDir: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Labels of the job's containers. */
  readonly labels: Readonly<Record<string, string>>;
}

const GIB = 1024 ** 3;

/** Limits of a container that builds QEMU; a build that needs more is a failure, not a slow machine. */
export const BUILD_LIMITS = { memoryBytes: 6 * GIB, pids: 2048, treeMs: 45 * 60_000, variantMs: 20 * 60_000, compileMs: 120_000 } as const;

/** Folders inside build containers. */
export const PATHS = {
  source: '/qemu/src',
  build: '/qemu/build',
  prefix: '/opt/qemu',
  events: '/qemu/trace-events',
  instrumentation: '/qemu/instrumentation',
  plugin: '/qemu/plugin',
} as const;

/** The user that owns trees and runs all builds. */
export const BUILDER = '1000:1000';
