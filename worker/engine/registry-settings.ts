import { QibenchError } from '../../services/contract/error.js';
import type { Transfer } from './engine.js';

/** Where workers share the images that they make. */
export interface RegistrySettings {
  /** Host, and where there is one the port and a path: `registry.example:5000/ci`. */
  readonly address: string;
  readonly credentials: Transfer['credentials'];
}

const ADDRESS = /^(?=[^/]*[.:]|localhost(?:\/|$))[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9._-]+)*$/;

/** Null: images stay on the engine. Errors: BAD_SETTING. */
export function readRegistry(
  environment: Readonly<Record<string, string | undefined>>,
): RegistrySettings | null {
  const address = environment.QIBENCH_REGISTRY ?? '';
  if (address === '') return null;
  if (!ADDRESS.test(address))
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_REGISTRY',
      reason: `"${address.slice(0, 100)}" is no host with a dot or port, and perhaps a path`,
    });
  const [username = '', password = ''] = [
    environment.QIBENCH_REGISTRY_USER,
    environment.QIBENCH_REGISTRY_PASSWORD,
  ];
  return { address, credentials: username === '' ? null : { username, password } };
}
