// SPDX-License-Identifier: GPL-2.0-or-later
import type { Store } from './store.js';

/**
 * Records an image that a worker has pushed to a registry. A later push under the same tag replaces
 * the digest: both images are equally good.
 */
export async function recordSharedImage(
  store: Store,
  registry: string,
  image: string,
  digest: string,
): Promise<void> {
  await store.pool.query(
    `INSERT INTO shared_image (registry, image, digest)
     VALUES ($1, $2, $3)
     ON CONFLICT (registry, image) DO UPDATE
     SET digest = excluded.digest, pushed_at = now()`,
    [registry, image, digest],
  );
}

/** Returns the digest of a pushed image; null if none has been pushed under this tag. */
export async function sharedImageDigest(
  store: Store,
  registry: string,
  image: string,
): Promise<string | null> {
  const { rows } = await store.pool.query<{ digest: string }>(
    'SELECT digest FROM shared_image WHERE registry = $1 AND image = $2',
    [registry, image],
  );
  return rows[0]?.digest ?? null;
}
