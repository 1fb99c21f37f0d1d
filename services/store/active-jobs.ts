import type { JobState } from '../contract/job.js';
import type { ActiveJob, PastJob } from '../domain/estimate.js';
import { ACTIVE_STATES } from './job-list.js';
import type { Store } from './store.js';

/** How many jobs that have ended tell how long one takes. */
const PAST_JOBS = 20;

const SIZE = `blocks_done AS "blocksDone", (plan->>'blocks')::int AS blocks, jsonb_array_length(plan->'variants') AS variants, jsonb_array_length(plan->'workloads') AS workloads`;
const MS = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
/** When the latest attempt began to measure. */
const MEASURING = `(SELECT ${MS('max(at)')} FROM job_event WHERE job_id = job.id AND body->>'type' = 'state' AND body->>'state' = 'measuring')`;

/** Jobs that have not ended, oldest first, and recent ones that have succeeded: what estimates are made of. */
export async function jobsForEstimates(store: Store): Promise<{ active: ActiveJob[]; past: PastJob[] }> {
  const active = await store.pool.query<ActiveJob & { state: JobState }>(
    `SELECT id, state, epoch, ${SIZE}, ${MS('started_at')} AS "startedMs", ${MEASURING} AS "measuringMs" FROM job WHERE state = ANY($1) ORDER BY created_at, id`,
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
