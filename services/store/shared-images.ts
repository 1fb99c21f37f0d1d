import type { Store } from './store.js';

/** A worker has pushed an image; what another pushed before under the same tag is as good, and forgotten. */
export async function recordSharedImage(
  store: Store,
  registry: string,
  image: string,
  digest: string,
): Promise<void> {
  await store.pool.query(
    'INSERT INTO shared_image (registry, image, digest) VALUES ($1, $2, $3) ON CONFLICT (registry, image) DO UPDATE SET digest = excluded.digest, pushed_at = now()',
    [registry, image, digest],
  );
}

/** The digest of an image that was pushed; null if none was. */
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
