// SPDX-License-Identifier: GPL-2.0-or-later
import { ENDED_STATES, JOB_STATES, type Job, type JobListQuery } from '#contract/job.js';
import { DEFAULT_BRANCH } from '#contract/project.js';
import { toJob } from './jobs.js';
import type { Store } from './store.js';

export const ACTIVE_STATES = JOB_STATES.filter((state) => !ENDED_STATES.includes(state));

/** Jobs that are read at once; the events of one may take half a megabyte. */
const JOBS_AT_ONCE = 4;

/**
 * Returns the ids of a page of jobs, newest first; `after` is the last id of the previous page.
 *
 * @returns `next` is the `after` of the next page; null on the last one.
 */
export async function findJobs(
  store: Store,
  query: JobListQuery,
): Promise<{ ids: string[]; next: string | null }> {
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
  return { ids, next: found.rows.length > query.limit ? ids.at(-1)! : null };
}

/** Yields the jobs with these ids, some at a time, in the order of `findJobs`. */
export async function* readJobs(store: Store, ids: readonly string[]): AsyncGenerator<Job[]> {
  for (let at = 0; at < ids.length; at += JOBS_AT_ONCE) {
    const rows = await store.prisma.job.findMany({
      where: { id: { in: ids.slice(at, at + JOBS_AT_ONCE) } },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    });
    yield rows.map(toJob);
  }
}
