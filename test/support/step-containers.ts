// SPDX-License-Identifier: GPL-2.0-or-later
import { tmpdir } from 'node:os';
import { packFiles } from '#worker/build/tar.js';
import type { ContainerSpec, Engine } from '#worker/engine/engine.js';
import { BUILD_LIMITS, type StepContext } from '#worker/step-context.js';

/** A container that a step has created, with the limits of its run. */
type Asked = Pick<
  ContainerSpec,
  | 'image'
  | 'user'
  | 'network'
  | 'readOnlyRoot'
  | 'memoryBytes'
  | 'pids'
  | 'fileBytes'
  | 'cpuset'
  | 'tmpBytes'
  | 'mounts'
> & { timeMs?: number; diskBytes?: number };

/**
 * Returns every container of a step on an engine with these images; all scripts fail, so that each
 * is the step's last.
 */
export async function containersOf(
  step: (context: StepContext) => Promise<unknown>,
  images: RegExp,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  const backend = {
    hasImage: async (tag: string) => images.test(tag),
    imageLabels: async () => ({}),
    createVolume: async () => undefined,
    create: async ({
      image,
      user,
      network,
      readOnlyRoot,
      memoryBytes,
      pids,
      fileBytes,
      cpuset,
      tmpBytes,
      mounts,
    }: ContainerSpec) => {
      asked.push({
        image,
        user,
        network,
        readOnlyRoot,
        memoryBytes,
        pids,
        fileBytes,
        cpuset,
        tmpBytes,
        mounts,
      });
      return `${asked.length - 1}`;
    },
    copyIn: async () => undefined,
    copyOut: async () => packFiles([]),
    run: async (
      id: string,
      { timeoutMs: timeMs, diskBytes }: { timeoutMs: number; diskBytes?: number },
    ) => {
      Object.assign(asked[Number(id)]!, { timeMs, diskBytes });
      return { exitStatus: 1, outOfMemory: false, timedOut: false, outOfDisk: false };
    },
    remove: async () => undefined,
  } as unknown as Engine;
  const progress = {
    started: () => undefined,
    finished: () => undefined,
    advanced: () => undefined,
    log: () => undefined,
    truncated: () => undefined,
  };
  await step({
    backend,
    rootDir: process.cwd(),
    progress,
    signal: new AbortController().signal,
    labels: {},
    limits: BUILD_LIMITS,
    lockFolder: tmpdir(),
  }).catch(() => undefined);
  return asked;
}
