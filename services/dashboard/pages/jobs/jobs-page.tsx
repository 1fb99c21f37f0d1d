// SPDX-License-Identifier: GPL-2.0-or-later
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { JobList } from '#contract/job.js';
import { get, withQuery } from '../../http/client.js';
import { useQueue } from '../../http/queue.js';
import { Loaded } from '../../components/loaded.js';
import { useTitle } from '../../components/title.js';
import { JobsFilter, useFilter } from './jobs-filter.js';
import { JobsTable } from './jobs-table.js';
import './jobs.css';

export function JobsPage() {
  useTitle('Jobs');
  const [filter, setFilter] = useFilter();
  const queue = useQueue();
  const jobs = useInfiniteQuery({
    queryKey: ['jobs', filter],
    queryFn: ({ pageParam, signal }) =>
      get<JobList>(withQuery('/v1/jobs', { ...filter, after: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const waiting = [...(queue?.values() ?? [])].filter(({ state }) => state === 'queued').length;
  return (
    <>
      <div className="page-head">
        <h1>Jobs</h1>
        <span className="soft" role="status">
          {queue !== undefined && `${queue.size - waiting} running, ${waiting} waiting`}
        </span>
        <Link href="/submit" className="button primary">
          New job
        </Link>
      </div>
      <section className="card" aria-label="Jobs">
        <JobsFilter filter={filter} onChange={setFilter} />
        <Loaded query={jobs} height={600}>
          {({ pages }) => (
            <JobsTable
              jobs={pages.flatMap((page) => page.jobs)}
              queue={queue}
              filtered={Object.values(filter).some((value) => value !== '')}
              more={jobs.hasNextPage ? () => void jobs.fetchNextPage() : null}
              busy={jobs.isFetchingNextPage}
            />
          )}
        </Loaded>
      </section>
    </>
  );
}
