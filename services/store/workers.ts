// SPDX-License-Identifier: GPL-2.0-or-later
import type { KnobReport } from '#contract/host.js';
import type { JobEventBody } from '#contract/job-event.js';
import type { JobState } from '#contract/job.js';
import type { Target } from '#contract/qemu.js';
import type { WorkerRole } from '#contract/requires.js';
import type { Capability, Worker } from '#contract/worker.js';
import type { Offer } from '#domain/requirements.js';
import type { Store } from './store.js';

/** Heartbeat of a worker. */
export interface WorkerReport {
  readonly id: string;
  readonly version: string;
  readonly hostFingerprint: string | null;
  readonly cpuset: string;
  /** CPUs of the cpuset. */
  readonly cores: number;
  readonly role: WorkerRole;
  readonly labels: readonly string[];
  /** Id of the Docker engine that the worker uses; null until its first job. */
  readonly engine: string | null;
  readonly targets: readonly Target[];
  readonly capabilities: readonly Capability[];
  readonly knobs: readonly KnobReport[];
  readonly jobId: string | null;
  /** Why the worker takes no jobs; null if it does. */
  readonly notReady?: string | null;
  readonly startedAt: Date;
}

/** Upserts a worker's heartbeat and deletes workers not seen for a day. */
export async function reportWorker(
  store: Store,
  { notReady = null, ...report }: WorkerReport,
): Promise<void> {
  const {
    id,
    version,
    hostFingerprint,
    cpuset,
    targets,
    capabilities,
    knobs,
    jobId,
    startedAt,
    role,
    labels,
    cores,
    engine,
  } = report;
  const available = capabilities
    .filter((capability) => capability.available)
    .map(({ name }) => name);
  await store.pool.query(
    `INSERT INTO worker (
       id, version, host_fingerprint, cpuset, targets, capabilities, knobs, job_id,
       started_at, not_ready, role, labels, available, cores, engine)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     ON CONFLICT (id) DO UPDATE
     SET version = excluded.version,
       host_fingerprint = excluded.host_fingerprint,
       cpuset = excluded.cpuset,
       targets = excluded.targets,
       capabilities = excluded.capabilities,
       knobs = excluded.knobs,
       job_id = excluded.job_id,
       started_at = excluded.started_at,
       not_ready = excluded.not_ready,
       role = excluded.role,
       labels = excluded.labels,
       available = excluded.available,
       cores = excluded.cores,
       engine = excluded.engine,
       seen_at = now()`,
    [
      id,
      version,
      hostFingerprint,
      cpuset,
      targets,
      JSON.stringify(capabilities),
      JSON.stringify(knobs),
      jobId,
      startedAt,
      notReady,
      role,
      labels,
      available,
      cores,
      engine,
    ],
  );
  await store.pool.query("DELETE FROM worker WHERE seen_at < now() - interval '1 day'");
}

/** Deletes a worker that has ended. A worker that was started in its place meanwhile stays. */
export async function removeWorker(
  store: Store,
  { id, startedAt }: Pick<WorkerReport, 'id' | 'startedAt'>,
): Promise<void> {
  await store.pool.query('DELETE FROM worker WHERE id = $1 AND started_at = $2', [id, startedAt]);
}

interface Row extends Omit<Worker, 'job' | 'startedAt' | 'seenAt'> {
  readonly startedAt: Date;
  readonly seenAt: Date;
  readonly jobId: string | null;
  readonly jobName: string;
  readonly jobState: JobState;
  readonly blocksDone: number;
  readonly blocks: number;
  readonly begun: Extract<JobEventBody, { type: 'step-started' }> | null;
}

/** Returns what workers seen within the last minute offer. */
export async function liveOffers(store: Store): Promise<Offer[]> {
  const { rows } = await store.pool.query<Offer>(
    `SELECT role, targets, labels, available AS capabilities, cores
     FROM worker
     WHERE seen_at >= now() - interval '1 minute'`,
  );
  return rows;
}

/**
 * Returns workers seen within the last day. A job that has ended or has another worker does not
 * count as theirs.
 */
export async function listWorkers(store: Store): Promise<Worker[]> {
  const { rows } = await store.pool.query<Row>(
    `SELECT worker.id, version, host_fingerprint AS "hostFingerprint", cpuset, worker.cores, role,
       worker.labels, targets, worker.capabilities, knobs, not_ready AS "notReady",
       worker.started_at AS "startedAt", seen_at AS "seenAt",
       seen_at < now() - interval '1 minute' AS lost,
       job.id AS "jobId", job.name AS "jobName", job.state AS "jobState",
       job.blocks_done AS "blocksDone", (job.plan->>'blocks')::int AS blocks, step.body AS begun
     FROM worker
     LEFT JOIN job ON job.id = worker.job_id
       AND job.worker = worker.id
       AND job.state IN ('building', 'measuring')
     LEFT JOIN LATERAL (
       SELECT body
       FROM job_event
       WHERE job_id = job.id AND body->>'type' = 'step-started'
       ORDER BY sequence DESC
       LIMIT 1
     ) AS step ON true
     WHERE seen_at > now() - interval '1 day'
     ORDER BY worker.id`,
  );
  return rows.map(
    ({ jobId, jobName, jobState, blocksDone, blocks, begun, startedAt, seenAt, ...worker }) => ({
      ...worker,
      job:
        jobId === null
          ? null
          : {
              id: jobId,
              name: jobName,
              state: jobState,
              step: begun?.step ?? null,
              what: begun?.what ?? null,
              blocksDone,
              blocks,
            },
      startedAt: startedAt.toISOString(),
      seenAt: seenAt.toISOString(),
    }),
  );
}
