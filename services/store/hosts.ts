import { QibenchError } from '../contract/error.js';
import type { NoiseSample } from '../contract/host.js';
import type { Noise } from '../contract/sample.js';
import type { SameComparison } from '../domain/calibration.js';
import type { Store } from './store.js';

/** A host as it was recorded, with the p values of its A/A comparisons. */
export interface HostRecord {
  readonly digest: string;
  readonly fingerprint: Record<string, unknown>;
  readonly firstSeenAt: string;
  readonly pValues: readonly number[];
}

/** All hosts that ever measured, in the order in which they came; or those of these digests. */
export async function listHosts(store: Store, digests?: readonly string[]): Promise<HostRecord[]> {
  const rows = await store.prisma.host.findMany({
    where: digests === undefined ? {} : { digest: { in: [...digests] } },
    orderBy: { firstSeenAt: 'asc' },
  });
  const same = await store.prisma.sameComparison.findMany({
    where: { hostFingerprint: { in: rows.map(({ digest }) => digest) } },
  });
  return rows.map(({ digest, fingerprint, firstSeenAt }) => ({
    digest,
    fingerprint: fingerprint as Record<string, unknown>,
    firstSeenAt: firstSeenAt.toISOString(),
    pValues: same
      .filter(({ hostFingerprint }) => hostFingerprint === digest)
      .map(({ pValue }) => pValue),
  }));
}

/** Record what an A/A job said, while it is held under the epoch; a later attempt's replaces it. Errors: LEASE_LOST. */
export async function recordSameComparisons(
  store: Store,
  jobId: string,
  epoch: number,
  comparisons: readonly SameComparison[],
): Promise<void> {
  const values = comparisons.map(({ workload, variant, hostFingerprint, pValue }) => ({
    workload,
    variant,
    host: hostFingerprint,
    p: pValue,
  }));
  const held = await store.pool.query<{ held: boolean }>(
    `WITH held AS (SELECT id FROM job WHERE id = $1 AND epoch = $2 FOR SHARE), recorded AS (
       INSERT INTO same_comparison (job_id, workload, variant, host_fingerprint, p_value)
       SELECT held.id, workload, variant, host, p FROM held, jsonb_to_recordset($3::jsonb) AS given (workload text, variant text, host text, p double precision)
       ON CONFLICT (job_id, workload, variant) DO UPDATE SET host_fingerprint = excluded.host_fingerprint, p_value = excluded.p_value
     )
     SELECT true AS held FROM held`,
    [jobId, epoch, JSON.stringify(values)],
  );
  if (held.rows.length === 0) throw new QibenchError('LEASE_LOST', { id: jobId, epoch });
}

/** The noise of the newest timed samples of a host, oldest first. Empty for a host that never measured. */
export async function noiseOfHost(
  store: Store,
  digest: string,
  limit: number,
): Promise<NoiseSample[]> {
  const { rows } = await store.pool.query<{ at: Date; wallNs: string; noise: Noise }>(
    `SELECT started_at AS at, wall_ns::text AS "wallNs", noise FROM sample
     WHERE host_fingerprint = $1 AND kind = 'timed' AND jsonb_typeof(noise) = 'object' ORDER BY started_at DESC, id DESC LIMIT $2`,
    [digest, limit],
  );
  return rows
    .reverse()
    .map(({ at, wallNs, noise }) => ({ at: at.toISOString(), wallNs, ...noise }));
}
