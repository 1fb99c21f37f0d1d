// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { statusOf } from './docker-errors.js';

/** The quota above a container's limit: the worker sees the limit first and names it. */
const MARGIN = 1 / 8;

/**
 * Docker's answers where the storage has no quotas. Other refusals, like "All project IDs have been
 * exhausted", may pass.
 */
const UNSUPPORTED = /--storage-opt is |has not enabled quotas/;

/**
 * Returns a function that creates containers with a quota for their root file system, where the
 * engine's storage has quotas (overlay2 on xfs with pquota, btrfs, zfs). Elsewhere, and for a
 * container whose quota was refused, the worker's looks at the disk are the only limit.
 */
export function quotaOn(
  docker: Docker,
): (options: Docker.ContainerCreateOptions, limitBytes?: number) => Promise<Docker.Container> {
  let hasQuotas = true;
  return async (options, limitBytes) => {
    if (limitBytes === undefined || !hasQuotas) return docker.createContainer(options);
    const size = String(Math.ceil(limitBytes * (1 + MARGIN)));
    try {
      const { HostConfig } = options;
      return await docker.createContainer({
        ...options,
        HostConfig: { ...HostConfig, StorageOpt: { size } },
      });
    } catch (error) {
      if (statusOf(error) === undefined) throw error;
      const container = await docker.createContainer(options); // fails for any other reason, too
      hasQuotas = !UNSUPPORTED.test(String(error));
      return container;
    }
  };
}
