// SPDX-License-Identifier: GPL-2.0-or-later
import type { Values } from '#contract/settings.js';
import { secret, setting } from '#contract/settings.js';
import { matching, text } from '#contract/setting-types.js';
import type { Transfer } from './engine.js';

/** The registry through which workers share images. */
export interface RegistrySettings {
  /** Host, with an optional port and path: `registry.example:5000/ci`. */
  readonly address: string;
  readonly credentials: Transfer['credentials'];
}

const ADDRESS = /^(?=[^/]*[.:]|localhost(?:\/|$))[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9._-]+)*$/;

export const REGISTRY_SETTINGS = {
  QIBENCH_REGISTRY: setting(
    'image registry for sharing builds: host, port and path, like `registry.example:5000/qibench`',
    matching(ADDRESS, 'is not a host with a dot or a port, optionally followed by a path'),
    null,
    'unset: images stay on the engine',
  ),
  QIBENCH_REGISTRY_USER: setting('user of the registry', text, null, 'none'),
  QIBENCH_REGISTRY_PASSWORD: secret(setting('password of the registry', text, null, 'none')),
};

/** Returns the registry; null without one: images then stay on the engine. */
export function registrySettings(
  values: Values<typeof REGISTRY_SETTINGS>,
): RegistrySettings | null {
  if (values.QIBENCH_REGISTRY === null) return null;
  return {
    address: values.QIBENCH_REGISTRY,
    credentials:
      values.QIBENCH_REGISTRY_USER === null
        ? null
        : {
            username: values.QIBENCH_REGISTRY_USER,
            password: values.QIBENCH_REGISTRY_PASSWORD ?? '',
          },
  };
}
