import type { ActiveJob, PastJob } from '../domain/estimate.js';
import type { Needs } from '../domain/requirements.js';
import { WITH_TURN } from './claims.js';
import { ACTIVE_STATES } from './job-list.js';
import type { Store } from './store.js';

/** How many jobs that have ended tell how long one takes. */
const PAST_JOBS = 20;

const SIZE = `blocks_done AS "blocksDone", (plan->>'blocks')::int AS blocks, jsonb_array_length(plan->'variants') AS variants, jsonb_array_length(plan->'workloads') AS workloads`;
const MS = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
/** When the latest attempt began to measure. */
const MEASURING = `(SELECT ${MS('max(at)')} FROM job_event WHERE job_id = job.id AND body->>'type' = 'state' AND body->>'state' = 'measuring')`;

/** How long a job measures that measures until its comparisons are decided: as its plan expects, else at most. */
const MEASURE_SECONDS = `least((plan->'expected'->>'seconds')::float8, (plan->>'withinSeconds')::float8)`;

/** As claims.ts claims them one by one: urgent ones, then the projects by turns. A project whose urgent jobs went before has had its turn. */
const CLAIM_ORDER = `priority = 2 DESC, row_number() OVER (own ORDER BY turn_at, job.id),
  CASE WHEN priority = 2 THEN 0 ELSE count(*) FILTER (WHERE priority = 2) OVER (PARTITION BY job.project, job.built, state) END,
  turn.claimed_at NULLS FIRST, min(turn_at) OVER own, job.id`;

/** Jobs that have not ended, those that wait in the order in which they are claimed, and recent ones that have succeeded: what estimates are made of. */
export async function jobsForEstimates(
  store: Store,
): Promise<{ active: (ActiveJob & Needs)[]; past: PastJob[] }> {
  const active = await store.pool.query<ActiveJob & Needs>(
    `SELECT id, state, epoch, target, labels, capabilities, cores, job.built, ${SIZE}, ${MS('started_at')} AS "startedMs", ${MEASURING} AS "measuringMs", ${MEASURE_SECONDS} AS "measureSeconds"
     FROM job ${WITH_TURN} WHERE state = ANY($1) WINDOW own AS (PARTITION BY job.project, job.built, state, priority = 2)
     ORDER BY ${CLAIM_ORDER}`,
    [ACTIVE_STATES],
  );
  const past = await store.pool.query<PastJob>(
    `SELECT * FROM (
       SELECT ${SIZE}, ${MS('started_at')} AS "startedMs", ${MEASURING} AS "measuringMs", ${MS('finished_at')} AS "finishedMs"
       FROM job WHERE state = 'succeeded' AND epoch = 1 ORDER BY created_at DESC LIMIT $1
     ) AS ended WHERE "measuringMs" IS NOT NULL AND variants > 0 AND workloads > 0`,
    [PAST_JOBS],
  );
  return { active: active.rows, past: past.rows };
}
