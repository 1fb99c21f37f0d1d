// SPDX-License-Identifier: GPL-2.0-or-later
import { dockerBackend } from '#worker/engine/docker.js';
import type { EngineSettings } from '#worker/engine/docker-convert.js';
import { seccompProfiles } from '#worker/engine/seccomp.js';
import { lockFolderOfHost } from '#worker/host/lock.js';
import { BUILD_LIMITS, type StepContext } from '#worker/step-context.js';

/** Returns the settings of a worker's engine without any setting of the operator. */
export const testEngine = (rootDir = process.cwd()): EngineSettings => ({
  runtime: null,
  seccomp: seccompProfiles(rootDir),
});

/** Creates a step context for tests of worker parts without a worker. */
export function testContext(rootDir: string, labels: Record<string, string> = {}): StepContext {
  const progress = {
    started: () => undefined,
    finished: () => undefined,
    advanced: () => undefined,
    log: () => undefined,
    truncated: () => undefined,
  };
  return {
    backend: dockerBackend(testEngine(rootDir)),
    rootDir,
    progress,
    signal: new AbortController().signal,
    labels,
    limits: BUILD_LIMITS,
    lockFolder: lockFolderOfHost(process.env.QIBENCH_LOCK_DIR || null),
  };
}
