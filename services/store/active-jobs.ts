// SPDX-License-Identifier: GPL-2.0-or-later
import type { ActiveJob, PastJob } from '#domain/estimate.js';
import type { Needs } from '#domain/requirements.js';
import { WITH_TURN } from './claims.js';
import { ACTIVE_STATES } from './job-list.js';
import type { Store } from './store.js';

/** Number of recent succeeded jobs that estimates are based on. */
const PAST_JOBS = 20;

const SIZE = `
  blocks_done AS "blocksDone",
  (plan->>'blocks')::int AS blocks,
  jsonb_array_length(plan->'variants') AS variants,
  jsonb_array_length(plan->'workloads') AS workloads`;
const MS = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
/** Time at which the latest attempt began to measure, in ms since 1970. */
const MEASURING = `(
  SELECT ${MS('max(at)')}
  FROM job_event
  WHERE job_id = job.id AND body->>'type' = 'state' AND body->>'state' = 'measuring')`;

/**
 * Measuring time of a job that measures until its comparisons are decided: the plan's estimate,
 * capped at the time limit. `least` ignores a missing estimate.
 */
const MEASURE_SECONDS = `least(
  (plan->'expected'->>'seconds')::float8,
  (plan->>'withinSeconds')::float8)`;

/**
 * Predicts the order in which claims.ts takes jobs one at a time: urgent jobs first, then the
 * projects in turn. A project's urgent jobs count as turns that it has had.
 */
const CLAIM_ORDER = `
  priority = 2 DESC,
  row_number() OVER (own ORDER BY turn_at, job.id),
  CASE
    WHEN priority = 2 THEN 0
    ELSE count(*) FILTER (WHERE priority = 2) OVER (PARTITION BY job.project, job.built, state)
  END,
  turn.claimed_at NULLS FIRST,
  min(turn_at) OVER own,
  job.id`;

/**
 * Returns the jobs that time estimates need: those that have not ended, with queued jobs in claim
 * order, and recent succeeded ones.
 */
export async function jobsForEstimates(
  store: Store,
): Promise<{ active: (ActiveJob & Needs)[]; past: PastJob[] }> {
  const active = await store.pool.query<ActiveJob & Needs>(
    `SELECT id, state, epoch, target, labels, capabilities, cores, job.built, ${SIZE},
       ${MS('started_at')} AS "startedMs",
       ${MEASURING} AS "measuringMs",
       ${MEASURE_SECONDS} AS "measureSeconds"
     FROM job ${WITH_TURN}
     WHERE state = ANY($1)
     WINDOW own AS (PARTITION BY job.project, job.built, state, priority = 2)
     ORDER BY ${CLAIM_ORDER}`,
    [ACTIVE_STATES],
  );
  const past = await store.pool.query<PastJob>(
    `SELECT * FROM (
       SELECT ${SIZE},
         ${MS('started_at')} AS "startedMs",
         ${MEASURING} AS "measuringMs",
         ${MS('finished_at')} AS "finishedMs"
       FROM job
       WHERE state = 'succeeded' AND epoch = 1
       ORDER BY created_at DESC
       LIMIT $1
     ) AS ended WHERE "measuringMs" IS NOT NULL AND variants > 0 AND workloads > 0`,
    [PAST_JOBS],
  );
  return { active: active.rows, past: past.rows };
}
