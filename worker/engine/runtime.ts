import Docker from 'dockerode';
import { QibenchError } from '../../services/contract/error.js';
import type { Engine } from './engine.js';
import { dockerBackend } from './docker.js';
import { dockerError } from './docker-errors.js';

/**
 * Containers on a Docker engine that knows the runtime of a setting.
 *
 * @param setting QIBENCH_RUNTIME: a name from the engine's own configuration, for example `runsc`; absent or empty: its default
 * @param perfProfile of measured runs (worker/engine/seccomp.ts); null: the engine's default
 * @throws QibenchError BAD_SETTING for a name that the engine does not know; DOCKER_UNREACHABLE
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
      reason: `Docker knows no runtime "${setting}", only ${known.join(', ')}`,
    });
  return dockerBackend(docker, { runtime: setting, perfProfile });
}
