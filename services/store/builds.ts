// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { HostFingerprint } from '#contract/host.js';
import type { Store } from './store.js';

/** Records the build of a job's variant. A later attempt replaces it. */
export async function recordBuild(store: Store, jobId: string, build: Build): Promise<void> {
  const { side, variant } = build;
  const data = {
    key: build.key,
    inputs: build.inputs,
    binaryDigest: build.binaryDigest,
    image: build.image,
    cached: build.cached,
    durationMs: build.durationMs,
    links: build.links,
  };
  await store.prisma.build.upsert({
    where: { jobId_side_variant: { jobId, side, variant } },
    create: { jobId, side, variant, ...data },
    update: data,
  });
}

export async function listBuilds(store: Store, jobId: string): Promise<Build[]> {
  const rows = await store.prisma.build.findMany({
    where: { jobId },
    orderBy: [{ side: 'desc' }, { variant: 'asc' }],
  });
  return rows.map(({ jobId: _, inputs, side, ...row }) => ({
    ...row,
    side: side as Build['side'],
    inputs: inputs as Build['inputs'],
  }));
}

/** Stores the fingerprint of a measuring host; a known host stays unchanged. */
export async function recordHost(store: Store, fingerprint: HostFingerprint): Promise<void> {
  await store.prisma.host.upsert({
    where: { digest: fingerprint.digest },
    create: { digest: fingerprint.digest, fingerprint: { ...fingerprint } },
    update: {},
  });
}

/** Jobs of a target whose builds tell how long a build takes. */
const RECENT_JOBS = 100;

/**
 * Returns the median time of recent builds of a target that were not cached, in seconds; null
 * without one.
 */
export async function typicalBuildSeconds(store: Store, target: string): Promise<number | null> {
  const { rows } = await store.pool.query<{ ms: number | null }>(
    `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY build.duration_ms) AS ms
     FROM (
       SELECT id FROM job WHERE target = $1 ORDER BY created_at DESC, id DESC LIMIT ${RECENT_JOBS}
     ) AS recent
     JOIN build ON build.job_id = recent.id
     WHERE NOT build.cached`,
    [target],
  );
  const ms = rows[0]?.ms ?? null;
  return ms === null ? null : ms / 1e3;
}
