// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { EVIDENCE_DAYS, type Alarms, type SameComparison } from '#domain/calibration.js';
import type { GuestNoise } from '#domain/expectation.js';
import type { RunNoise } from '#domain/noise-shares.js';
import type { Store } from './store.js';

/** Condition for the A/A comparisons that still count. */
export const IS_EVIDENCE = `recorded_at > now() - interval '${EVIDENCE_DAYS} days'`;

/** Most guests of a host: a job may choose any parameters, and each choice is another guest. */
const GUESTS_PER_HOST = 100;

/** A measuring host, with the alarm counts of its A/A comparisons and the noise of guests on it. */
export interface HostRecord {
  readonly digest: string;
  readonly fingerprint: Record<string, unknown>;
  readonly firstSeenAt: string;
  readonly alarms: Alarms;
  readonly guests: GuestNoise[];
}

/** Returns all hosts that have ever measured, or those with the given digests, oldest first. */
export async function listHosts(store: Store, digests?: readonly string[]): Promise<HostRecord[]> {
  const rows = await store.prisma.host.findMany({
    where: digests === undefined ? {} : { digest: { in: [...digests] } },
    orderBy: { firstSeenAt: 'asc' },
  });
  const { rows: counted } = await store.pool.query<{ host: string } & Alarms>(
    `SELECT host_fingerprint AS host,
       count(*)::int AS comparisons,
       count(*) FILTER (WHERE alarm)::int AS alarms
     FROM same_comparison
     WHERE host_fingerprint = ANY($1) AND ${IS_EVIDENCE}
     GROUP BY host_fingerprint`,
    [rows.map(({ digest }) => digest)],
  );
  const alarms = new Map(counted.map(({ host, ...counts }) => [host, counts]));
  const { rows: guests } = await store.pool.query<GuestNoise>(
    `SELECT host_fingerprint AS "hostFingerprint", target, workload,
       noise_sd AS "noiseSd", layout_sd AS "layoutSd", run_seconds AS "runSeconds"
     FROM (
       SELECT *, row_number() OVER (PARTITION BY host_fingerprint ORDER BY measured_at DESC) AS place
       FROM guest_noise
       WHERE host_fingerprint = ANY($1)
     ) AS newest
     WHERE place <= $2
     ORDER BY target, workload`,
    [rows.map(({ digest }) => digest), GUESTS_PER_HOST],
  );
  return rows.map(({ digest, fingerprint, firstSeenAt }) => ({
    digest,
    fingerprint: fingerprint as Record<string, unknown>,
    firstSeenAt: firstSeenAt.toISOString(),
    alarms: alarms.get(digest) ?? { comparisons: 0, alarms: 0 },
    guests: guests.filter(({ hostFingerprint }) => hostFingerprint === digest),
  }));
}

/**
 * Removes the evidence about a host, which an administrator found wrong.
 * @returns Number of A/A comparisons that no longer count.
 * @throws {NOT_FOUND} No host has this digest.
 */
export async function voidEvidence(store: Store, digest: string): Promise<number> {
  if ((await listHosts(store, [digest])).length === 0)
    throw new QibenchError('NOT_FOUND', { what: 'host', id: digest });
  const { rowCount } = await store.pool.query(
    'DELETE FROM same_comparison WHERE host_fingerprint = $1',
    [digest],
  );
  return rowCount ?? 0;
}

/**
 * Records the outcome of an A/A job's comparisons while the job is leased under the epoch. A later
 * attempt replaces it. Records nothing for a job that an administrator did not submit: its author
 * chooses code, threshold and which of its jobs end, and with these the alarms.
 *
 * @throws {LEASE_LOST} The job has another epoch.
 */
export async function recordSameComparisons(
  store: Store,
  jobId: string,
  epoch: number,
  comparisons: readonly SameComparison[],
): Promise<void> {
  const values = comparisons.map(({ workload, variant, hostFingerprint, alarm }) => ({
    workload,
    variant,
    host: hostFingerprint,
    alarm,
  }));
  const held = await store.pool.query<{ held: boolean }>(
    `WITH held AS (
       SELECT id, calibrates FROM job WHERE id = $1 AND epoch = $2 FOR SHARE
     ), recorded AS (
       INSERT INTO same_comparison (job_id, workload, variant, host_fingerprint, alarm)
       SELECT held.id, workload, variant, host, alarm
       FROM held,
         jsonb_to_recordset($3::jsonb) AS given (
           workload text, variant text, host text, alarm boolean)
       WHERE calibrates
       ON CONFLICT (job_id, workload, variant) DO UPDATE
       SET host_fingerprint = excluded.host_fingerprint, alarm = excluded.alarm,
         recorded_at = excluded.recorded_at
     )
     SELECT true AS held FROM held`,
    [jobId, epoch, JSON.stringify(values)],
  );
  if (held.rows.length === 0) throw new QibenchError('LEASE_LOST', { id: jobId, epoch });
}

/**
 * Returns the noise of a host's newest timed samples, oldest first; empty for a host that has never
 * measured.
 *
 * @param limit Maximum number of samples.
 */
export async function noiseOfHost(
  store: Store,
  digest: string,
  limit: number,
): Promise<RunNoise[]> {
  const { rows } = await store.pool.query<RunNoise>(
    `SELECT started_at AS at, wall_ns::text AS "wallNs", noise FROM sample
     WHERE host_fingerprint = $1 AND kind = 'timed' AND jsonb_typeof(noise) = 'object'
     ORDER BY started_at DESC, id DESC
     LIMIT $2`,
    [digest, limit],
  );
  return rows.reverse();
}

/** Records how guests varied. An unknown `layoutSd` keeps the previous value. */
export async function recordGuestNoise(
  store: Store,
  target: string,
  guests: readonly Omit<GuestNoise, 'target'>[],
): Promise<void> {
  for (const { hostFingerprint, workload, noiseSd, layoutSd, runSeconds } of guests)
    await store.pool.query(
      `INSERT INTO guest_noise (host_fingerprint, target, workload, noise_sd, layout_sd, run_seconds)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (host_fingerprint, target, workload) DO UPDATE
       SET noise_sd = excluded.noise_sd, run_seconds = excluded.run_seconds, measured_at = now(),
           layout_sd = coalesce(excluded.layout_sd, guest_noise.layout_sd)`,
      [hostFingerprint, target, workload, noiseSd, layoutSd, runSeconds],
    );
}

/**
 * Returns the most recent noise of a target's guests: one entry per workload, from the host that
 * measured it last.
 *
 * @param workloads Labels. All projects together have measured any number of others.
 */
export async function newestGuestNoise(
  store: Store,
  target: string,
  workloads: readonly string[],
): Promise<GuestNoise[]> {
  const { rows } = await store.pool.query<GuestNoise>(
    `SELECT DISTINCT ON (workload) host_fingerprint AS "hostFingerprint", target, workload,
       noise_sd AS "noiseSd", layout_sd AS "layoutSd", run_seconds AS "runSeconds"
     FROM guest_noise
     WHERE target = $1 AND workload = ANY($2)
     ORDER BY workload, measured_at DESC`,
    [target, workloads],
  );
  return rows;
}
