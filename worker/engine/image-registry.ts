import { recordSharedImage, sharedImageDigest } from '../../services/store/shared-images.js';
import type { Store } from '../../services/store/store.js';
import type { Log } from '../../services/telemetry/log.js';
import type { Engine } from './engine.js';
import type { WorkerMetrics } from '../telemetry/worker-metrics.js';
import type { RegistrySettings } from './registry-settings.js';

/** A registry that failed is left alone for so long: builds do not wait for it again and again. */
const REST_MS = 60_000;

/** What all jobs of a worker share images by. */
export interface Sharing {
  /** The engine, for one job: an image that is not on it is pulled where a worker has pushed it; what is made is pushed. */
  backend(inner: Engine, signal: AbortSignal): Engine;
}

/**
 * Images are shared by the tag that they have on the engine, which names everything that they are made of. The database
 * knows the digest of each: nothing else is taken from the registry. A registry that fails costs time and no job.
 */
export function shareImages(
  store: Store,
  { address, credentials }: RegistrySettings,
  log: Log,
  { sharedImages }: Pick<WorkerMetrics, 'sharedImages'>,
  now: () => number = Date.now,
): Sharing {
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
        `image not ${what}; the registry is left alone for a while`,
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
      const push = (image: string) =>
        attempt('pushed', image, signal, async () =>
          recordSharedImage(store, address, image, await inner.pushImage(image, transferOf(image))),
        );
      return {
        ...inner,
        async hasImage(image) {
          const digest = await sharedImageDigest(store, address, image);
          if (await inner.hasImage(image)) {
            if (digest === null) await push(image); // made before there was a registry, or while it was away
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
