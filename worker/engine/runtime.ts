// SPDX-License-Identifier: GPL-2.0-or-later
import Docker from 'dockerode';
import { QibenchError } from '#contract/error.js';
import type { Engine } from './engine.js';
import { dockerBackend } from './docker.js';
import { dockerError } from './docker-errors.js';
import type { SeccompProfiles } from './seccomp.js';

/**
 * Creates the engine with the container runtime that a setting names.
 *
 * @param setting QIBENCH_RUNTIME: a name from the engine's own configuration, for example `runsc`;
 *   null: the engine's default.
 * @throws {BAD_SETTING} The engine does not know the runtime.
 * @throws {DOCKER_UNREACHABLE} The engine does not answer.
 */
export async function backendWithRuntime(
  setting: string | null,
  seccomp: SeccompProfiles,
  docker: Docker = new Docker(),
): Promise<Engine> {
  if (setting === null) return dockerBackend({ runtime: null, seccomp }, docker);
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
  return dockerBackend({ runtime: setting, seccomp }, docker);
}
