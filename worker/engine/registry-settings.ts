// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { Transfer } from './engine.js';

/** The registry through which workers share images. */
export interface RegistrySettings {
  /** Host, with an optional port and path: `registry.example:5000/ci`. */
  readonly address: string;
  readonly credentials: Transfer['credentials'];
}

const ADDRESS = /^(?=[^/]*[.:]|localhost(?:\/|$))[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9._-]+)*$/;

/**
 * Reads the registry from the environment.
 * @returns Null without a registry: images then stay on the engine.
 * @throws {BAD_SETTING} when the address is malformed.
 */
export function readRegistry(
  environment: Readonly<Record<string, string | undefined>>,
): RegistrySettings | null {
  const address = environment.QIBENCH_REGISTRY ?? '';
  if (address === '') return null;
  if (!ADDRESS.test(address))
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_REGISTRY',
      reason:
        `"${address.slice(0, 100)}" is not a host with a dot or a port, ` +
        'optionally followed by a path',
    });
  const [username = '', password = ''] = [
    environment.QIBENCH_REGISTRY_USER,
    environment.QIBENCH_REGISTRY_PASSWORD,
  ];
  return { address, credentials: username === '' ? null : { username, password } };
}
