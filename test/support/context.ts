// SPDX-License-Identifier: GPL-2.0-or-later
import { dockerBackend } from '#worker/engine/docker.js';
import { lockFolderOfHost } from '#worker/host/lock.js';
import { BUILD_LIMITS, type StepContext } from '#worker/step-context.js';

/** Creates a step context for tests of worker parts without a worker. */
export function testContext(rootDir: string, labels: Record<string, string> = {}): StepContext {
  const progress = {
    started: () => undefined,
    finished: () => undefined,
    advanced: () => undefined,
    log: () => undefined,
    cut: () => undefined,
  };
  return {
    backend: dockerBackend(),
    rootDir,
    progress,
    signal: new AbortController().signal,
    labels,
    limits: BUILD_LIMITS,
    lockFolder: lockFolderOfHost(),
  };
}
