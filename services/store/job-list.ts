// SPDX-License-Identifier: GPL-2.0-or-later
import { ENDED_STATES, JOB_STATES, type JobList, type JobListQuery } from '#contract/job.js';
import { DEFAULT_BRANCH } from '#contract/project.js';
import { toJob } from './jobs.js';
import type { Store } from './store.js';

export const ACTIVE_STATES = JOB_STATES.filter((state) => !ENDED_STATES.includes(state));

/** Returns a page of jobs, newest first; `after` is the last id of the previous page. */
export async function listJobs(store: Store, query: JobListQuery): Promise<JobList> {
  const states =
    query.state === undefined ? null : query.state === 'active' ? ACTIVE_STATES : [query.state];
  const found = await store.pool.query<{ id: string }>(
    `SELECT id FROM job
     WHERE ($1::text[] IS NULL OR state = ANY($1))
       AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0)
       AND ($3::text IS NULL OR request->>'project' = $3)
       AND ($4::text IS NULL OR request ? 'project' AND coalesce(request->>'branch', $5) = $4)
       AND ($6::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM job WHERE id = $6))
     ORDER BY created_at DESC, id DESC
     LIMIT $7`,
    [
      states,
      query.name ?? null,
      query.project ?? null,
      query.branch ?? null,
      DEFAULT_BRANCH,
      query.after ?? null,
      query.limit + 1,
    ],
  );
  const ids = found.rows.slice(0, query.limit).map(({ id }) => id);
  const rows = await store.prisma.job.findMany({
    where: { id: { in: ids } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
  });
  return { jobs: rows.map(toJob), next: found.rows.length > query.limit ? ids.at(-1)! : null };
}
