// SPDX-License-Identifier: GPL-2.0-or-later
import { recordSharedImage, sharedImageDigest } from '#store/shared-images.js';
import type { Store } from '#store/store.js';
import type { Log } from '#telemetry/log.js';
import { UPLOADED_CONTENT, type Engine } from './engine.js';
import type { WorkerMetrics } from '../telemetry/worker-metrics.js';
import type { RegistrySettings } from './registry-settings.js';

/** Back-off after a registry error, so that builds do not wait for the registry repeatedly. */
const REST_MS = 60_000;

/** Shares images between workers through a registry; one per worker, used by all its jobs. */
export interface ImageRegistry {
  /**
   * Wraps the engine for one job. Pulls an image that the engine lacks if another worker has pushed
   * it, and pushes every image that the job builds.
   */
  backend(inner: Engine, signal: AbortSignal): Engine;
}

/**
 * Shares images under the tag that they have on the engine, which identifies all their inputs. The
 * database stores the digest of each image, and only that digest is pulled. A registry that fails
 * costs time but never fails a job.
 */
export function openImageRegistry(
  store: Store,
  { address, credentials }: RegistrySettings,
  log: Log,
  { sharedImages }: Pick<WorkerMetrics, 'sharedImages'>,
  now: () => number = Date.now,
): ImageRegistry {
  let restsUntilMs = 0;

  async function attempt(
    what: string,
    image: string,
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<boolean> {
    if (now() < restsUntilMs) return false;
    try {
      await work();
      sharedImages.inc({ outcome: what });
      log.info({ image, registry: address }, `image ${what}`);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      restsUntilMs = now() + REST_MS;
      sharedImages.inc({ outcome: 'failed' });
      log.warn(
        { err: error, image, registry: address },
        `image not ${what}; the registry is not used for ${REST_MS / 1_000} s`,
      );
      return false;
    }
  }

  return {
    backend(inner, signal) {
      const transferOf = (image: string) => ({
        repository: `${address}/${image.slice(0, image.lastIndexOf(':'))}`,
        credentials,
        signal,
      });
      const push = async (image: string) =>
        !UPLOADED_CONTENT.test(image) &&
        attempt('pushed', image, signal, async () =>
          recordSharedImage(store, address, image, await inner.pushImage(image, transferOf(image))),
        );
      return {
        ...inner,
        async hasImage(image) {
          const digest = await sharedImageDigest(store, address, image);
          if (await inner.hasImage(image)) {
            // Built before the registry was configured, or while it was away.
            if (digest === null) await push(image);
            return true;
          }
          return (
            digest !== null &&
            attempt('pulled', image, signal, () =>
              inner.pullDigest(digest, image, transferOf(image)),
            )
          );
        },
        async pullImage(image, pullSignal) {
          const pulled = await inner.pullImage(image, pullSignal);
          if (pulled) await push(image);
          return pulled;
        },
        async importImage(archive, image) {
          await inner.importImage(archive, image);
          await push(image);
        },
        async buildImage(context, options, onLog) {
          await inner.buildImage(context, options, onLog);
          await push(options.tag);
        },
        async commit(container, image, labels) {
          await inner.commit(container, image, labels);
          await push(image);
        },
      };
    },
  };
}
