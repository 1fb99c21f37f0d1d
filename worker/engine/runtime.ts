// SPDX-License-Identifier: GPL-2.0-or-later
import Docker from 'dockerode';
import { QibenchError } from '#contract/error.js';
import type { Engine } from './engine.js';
import { dockerBackend } from './docker.js';
import { dockerError } from './docker-errors.js';

/**
 * Creates the engine with the container runtime that a setting names.
 *
 * @param setting QIBENCH_RUNTIME: a name from the engine's own configuration, for example `runsc`;
 *   absent or empty: the engine's default.
 * @param perfProfile Seccomp profile of measured runs (worker/engine/seccomp.ts); null: the
 *   engine's default.
 * @throws {BAD_SETTING} when the engine does not know the runtime.
 * @throws {DOCKER_UNREACHABLE} when the engine does not answer.
 */
export async function backendWithRuntime(
  setting: string | undefined,
  docker: Docker = new Docker(),
  perfProfile: string | null = null,
): Promise<Engine> {
  if (setting === undefined || setting === '')
    return dockerBackend(docker, { runtime: null, perfProfile });
  let info: { Runtimes?: Record<string, unknown> };
  try {
    info = (await docker.info()) as typeof info;
  } catch (error) {
    throw dockerError('info', error);
  }
  const known = Object.keys(info.Runtimes ?? {});
  if (!known.includes(setting))
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_RUNTIME',
      reason: `Docker does not know the runtime "${setting}", only ${known.join(', ')}`,
    });
  return dockerBackend(docker, { runtime: setting, perfProfile });
}
