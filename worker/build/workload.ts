// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { QibenchError } from '#contract/error.js';
import type { PlannedWorkload } from '#contract/job.js';
import { architectureOf, type Target } from '#contract/qemu.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { ensureImage } from './images.js';
import type { StepContext } from '../step-context.js';
import { openContainer } from './script.js';
import { readStream } from './tar.js';

const WORKLOAD_LIMIT_BYTES = 512 * 1024 * 1024;

/**
 * Builds a workload's image. Build parameters become ARGs in capitals; ARCHITECTURE is the guest's.
 * The image is cached by the digest of folder and parameters.
 *
 * @throws {WORKLOAD_BUILD_FAILED} The Dockerfile fails.
 */
export async function buildWorkload(
  context: StepContext,
  definition: WorkloadDefinition,
  planned: PlannedWorkload,
  target: Target,
  base: string,
): Promise<string> {
  const parameters = Object.entries(definition.parameters)
    .filter(([, parameter]) => parameter.stage === 'build')
    .map(([name]) => [name.toUpperCase(), String(planned.parameters[name])] as const);
  try {
    const { tag } = await ensureImage(context, {
      name: 'workload',
      label: definition.name,
      step: 'workload',
      folder: join(context.rootDir, 'workloads', definition.name),
      arguments: {
        BASE: base,
        ARCHITECTURE: architectureOf(target),
        ...Object.fromEntries(parameters),
      },
    });
    return tag;
  } catch (error) {
    if (error instanceof QibenchError && error.code === 'IMAGE_BUILD_FAILED') {
      throw new QibenchError(
        'WORKLOAD_BUILD_FAILED',
        { workload: planned.label, lastLine: error.message },
        { cause: error },
      );
    }
    throw error;
  }
}

/**
 * Creates a volume with the content of an image's folder; runs mount it read-only. Returns its
 * name.
 */
export async function volumeFromImage(
  context: StepContext,
  image: string,
  folder: string,
): Promise<string> {
  await using container = await openContainer(context, {
    image,
    command: ['true'],
    user: '0:0',
    network: 'none',
    workingDir: '/',
    limits: context.limits.small,
  });
  const content = await readStream(
    await context.backend.copyOut(container.id, `${folder}/.`),
    `${folder} of the workload`,
    WORKLOAD_LIMIT_BYTES,
  );
  return fillVolume(context, image, Readable.from([content]));
}

/**
 * Creates a volume with the files of a tar. Returns its name, which is random: a run reads the names
 * of its volumes in /proc/self/mountinfo.
 */
export async function fillVolume(
  context: StepContext,
  image: string,
  tar: Readable,
): Promise<string> {
  const volume = `qibench-${randomUUID()}`;
  await context.backend.createVolume(volume, context.labels);
  const mounts = [{ volume, path: '/volume', readOnly: false }];
  await using container = await openContainer(context, {
    image,
    command: ['true'],
    user: '0:0',
    network: 'none',
    workingDir: '/',
    mounts,
    limits: context.limits.small,
  });
  await context.backend.copyIn(container.id, '/volume', tar);
  return volume;
}
