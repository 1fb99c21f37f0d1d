// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job } from '#contract/job.js';
import { getJob, leaseJob } from './jobs.js';
import { transaction, type Store } from './store.js';
import type { JobMachine } from '#domain/job-state.js';

/**
 * Condition: a worker may take the next step of a job. A build worker only needs a matching target.
 * services/domain/requirements.ts explains the same rules to users.
 */
const WORKER_MATCHES = `job.target = ANY(worker.targets) AND CASE
  WHEN worker.role = 'build' THEN NOT job.built
  ELSE (worker.role = 'both' OR job.built)
    AND job.labels <@ worker.labels
    AND job.capabilities <@ worker.available
    AND job.cores <= worker.cores
  END`;

/**
 * Condition: all samples of a job come from one host. A partly measured job stays reserved for its
 * host while that host has a live worker; otherwise another host starts it over.
 */
const HOST_IS_FREE = `(job.blocks_done = 0 OR job.engine IS NULL OR job.engine = $2 OR NOT EXISTS (
  SELECT FROM worker AS other
  WHERE other.engine = job.engine
    AND other.role <> 'build'
    AND other.seen_at > now() - interval '1 minute'))`;

/**
 * Claim order: urgent jobs, then the least recently served project, then priority and age within
 * the project.
 */
const CLAIM_ORDER = `job.priority = 2 DESC, turn.claimed_at NULLS FIRST, job.turn_at, job.id`;
export const WITH_TURN = `LEFT JOIN project_turn AS turn ON turn.project = job.project AND turn.built = job.built`;

interface Found extends JobMachine {
  readonly id: string;
  readonly project: string;
  readonly elsewhere: boolean;
}

/**
 * Claims the next job that a worker may do: raises its epoch and starts a lease.
 *
 * @param worker Name that the worker reports in its heartbeat.
 * @param engine Id of the Docker engine that the worker uses.
 * @returns Null if no queued job suits the worker.
 */
export async function claimNextJob(
  store: Store,
  worker: string,
  engine: string,
): Promise<Job | null> {
  const id = await transaction(store, async (client) => {
    const { rows } = await client.query<Found>(
      `SELECT job.id, job.state, job.epoch, job.built, job.error,
         job.cancel_requested AS "cancelRequested", job.project,
         job.engine <> $2 AND worker.role <> 'build' AS elsewhere
       FROM worker
       JOIN job ON ${WORKER_MATCHES}
       ${WITH_TURN}
       WHERE worker.id = $1
         AND job.state = 'queued'
         AND (job.not_before IS NULL OR job.not_before <= now())
         AND ${HOST_IS_FREE}
       ORDER BY ${CLAIM_ORDER}
       LIMIT 1
       FOR UPDATE OF job SKIP LOCKED`,
      [worker, engine],
    );
    if (rows[0] === undefined) return null;
    const { id, project, elsewhere, ...machine } = rows[0];
    if (!(await leaseJob(client, id, machine, worker))) return null;
    if (elsewhere) await client.query('DELETE FROM sample WHERE job_id = $1', [id]);
    await client.query(
      `UPDATE job
       SET engine = $3, blocks_done = CASE WHEN $4 THEN 0 ELSE blocks_done END
       FROM worker
       WHERE job.id = $1 AND worker.id = $2 AND worker.role <> 'build'`,
      [id, worker, engine, elsewhere],
    );
    // Last, to keep the lock short: from here on, other claims of this project wait.
    await client.query(
      `INSERT INTO project_turn (project, built)
       VALUES ($1, $2)
       ON CONFLICT (project, built) DO UPDATE SET claimed_at = clock_timestamp()`,
      [project, machine.built],
    );
    return id;
  });
  return id === null ? null : getJob(store, id);
}
