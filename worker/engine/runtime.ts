// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { QibenchError } from '#contract/error.js';
import type { Engine } from './engine.js';
import { dockerBackend } from './docker.js';
import { dockerClient } from './docker-client.js';
import { dockerError } from './docker-errors.js';
import type { SeccompProfiles } from './seccomp.js';

/** Part of the engine's answer about itself. */
interface Info {
  /** Podman's version of Buildah; Docker has no such field. */
  readonly BuildahVersion?: string;
  readonly Runtimes?: Record<string, unknown>;
  readonly MemoryLimit?: boolean;
  readonly PidsLimit?: boolean;
  readonly CPUSet?: boolean;
  readonly SecurityOptions?: readonly string[] | null;
}

/**
 * Creates the engine with the container runtime that a setting names.
 *
 * @param setting QIBENCH_RUNTIME: a name from the engine's own configuration, for example `runsc`;
 *   null: the engine's default.
 * @throws {BAD_SETTING} The engine does not know the runtime, or cannot confine containers.
 * @throws {DOCKER_UNREACHABLE} The engine does not answer.
 */
export async function backendWithRuntime(
  setting: string | null,
  seccomp: SeccompProfiles,
  docker: Docker = dockerClient(),
): Promise<Engine> {
  let info: Info;
  try {
    info = (await docker.info()) as Info;
  } catch (error) {
    throw dockerError('info', error);
  }
  const problem = unfit(info);
  if (problem !== null)
    throw new QibenchError('BAD_SETTING', { setting: 'DOCKER_HOST', reason: problem });
  const known = Object.keys(info.Runtimes ?? {});
  if (setting !== null && !known.includes(setting))
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_RUNTIME',
      reason: `Docker does not know the runtime "${setting}", only ${known.join(', ')}`,
    });
  return dockerBackend({ runtime: setting, seccomp }, docker);
}

/**
 * Returns the reason why an engine cannot confine containers; null if it can. Docker drops a limit
 * that its host lacks with a warning, and starts the container without it.
 */
function unfit(info: Info): string | null {
  if (info.BuildahVersion !== undefined)
    return (
      'Podman is not supported: it takes a seccomp profile as the name of a file only, and its id ' +
      'changes with each request'
    );
  const has = {
    'a limit of memory': info.MemoryLimit,
    'a limit of processes': info.PidsLimit,
    'pinning to CPUs': info.CPUSet,
    'a seccomp profile': info.SecurityOptions?.some((option) => option.startsWith('name=seccomp')),
  };
  const lacking = Object.entries(has)
    .filter(([, able]) => able !== true)
    .map(([name]) => name);
  return lacking.length === 0 ? null : `this engine cannot give containers ${lacking.join(', ')}`;
}
