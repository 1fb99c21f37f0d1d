// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { QibenchError } from '#contract/error.js';
import type { PlannedWorkload } from '#contract/job.js';
import { architectureOf, type Target } from '#contract/qemu.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { WORKLOAD_LIMITS } from '#contract/workload-upload.js';
import { ensureImage } from './images.js';
import type { StepContext } from '../step-context.js';
import { repack, type RepackLimits } from './repack.js';
import { openContainer } from './script.js';

/** Limits of the files that a run mounts at /workload. */
const LIMITS = {
  what: 'the folder /workload',
  bytes: WORKLOAD_LIMITS.unpackedBytes,
  entries: 20_000,
};

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
  try {
    const { tag } = await ensureImage(context, {
      name: 'workload',
      label: definition.name,
      step: 'workload',
      folder: join(context.rootDir, 'workloads', definition.name),
      arguments: {
        BASE: base,
        ARCHITECTURE: architectureOf(target),
        ...buildParameters(definition, planned),
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

/** Returns the parameters of stage `build`, with names in capitals. */
export function buildParameters(
  { parameters }: WorkloadDefinition,
  planned: Pick<PlannedWorkload, 'parameters'>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([, { stage }]) => stage === 'build')
      .map(([name]) => [name.toUpperCase(), String(planned.parameters[name])]),
  );
}

/**
 * Creates a volume with the content of an image's folder; runs mount it read-only. Returns its
 * name.
 *
 * @param limits The image may hold the output of uploaded code.
 * @throws {TOO_LARGE} The folder exceeds the limits.
 */
export async function volumeFromImage(
  context: StepContext,
  image: string,
  folder: string,
  limits: RepackLimits = LIMITS,
): Promise<{ volume: string; bytes: number }> {
  await using container = await openContainer(context, {
    image,
    command: ['true'],
    user: '0:0',
    network: 'none',
    workingDir: '/',
    limits: context.limits.small,
  });
  const content = repack(await context.backend.copyOut(container.id, `${folder}/.`), limits);
  const volume = await fillVolume(context, image, content.tar);
  return { volume, bytes: content.bytes() };
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
