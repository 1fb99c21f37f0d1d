// SPDX-License-Identifier: GPL-2.0-or-later
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { Comparison } from '#contract/comparison.js';
import type { HostList } from '#contract/host.js';
import type { Job } from '#contract/job.js';
import type { MetricList } from '#contract/metric-list.js';
import { get, withQuery } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { StateBadge } from '../../components/state-badge.js';
import { useTitle } from '../../components/title.js';
import { readChoice, writeChoice, type Choice } from './choice.js';
import { ComparisonFailure } from './comparison-failure.js';
import './comparison.css';
import './headline.css';
import './interval-bar.css';
import './intervals.css';
import { FilterBar } from './filter-bar.js';
import { Results } from './results.js';
import { variantStyles } from './variant-mark.js';

/** Interval in ms between requests about a running job, so that its intervals narrow in view. */
const REFRESH_MS = 2_000;

/** Shows the comparison of a job. */
export function ComparisonPage({ id }: { id: string }) {
  const job = useQuery({
    queryKey: ['job', id],
    queryFn: ({ signal }) => get<Job>(`/v1/jobs/${encodeURIComponent(id)}`, signal),
    refetchInterval: ({ state }) => (running(state.data) ? REFRESH_MS : false),
  });
  useTitle(job.data === undefined ? 'Comparison' : `Comparison: ${job.data.name}`);
  return (
    <Loaded query={job} height={800}>
      {(loaded) => <Page job={loaded} />}
    </Loaded>
  );
}

function Page({ job }: { job: Job }) {
  const [search, setSearch] = useSearchParams();
  const choice = useMemo(() => readChoice(search), [search]);
  const onChoice = useCallback(
    (change: Partial<Choice>) =>
      setSearch((before) => writeChoice({ ...readChoice(before), ...change }), { replace: true }),
    [setSearch],
  );
  const styles = useMemo(() => variantStyles(job.plan), [job.plan]);
  const refetchInterval = running(job) ? REFRESH_MS : (false as const);
  const metrics = useQuery({
    queryKey: ['metrics', job.id],
    queryFn: ({ signal }) => get<MetricList>(`/v1/jobs/${job.id}/metrics`, signal),
    refetchInterval,
  });
  const hosts = useQuery({
    queryKey: ['hosts'],
    queryFn: ({ signal }) => get<HostList>('/v1/hosts', signal),
  });
  const comparison = useQuery({
    queryKey: ['comparison', job.id, choice.metric, choice.mixedHosts],
    queryFn: ({ signal }) =>
      get<Comparison>(
        withQuery(`/v1/jobs/${job.id}/comparison`, {
          metric: choice.metric,
          mixedHosts: choice.mixedHosts ? true : null,
        }),
        signal,
      ),
    refetchInterval,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <div className="page-head">
        <h1>{job.name}</h1>
        <StateBadge state={job.state} />
        <Link href={`/jobs/${job.id}`} className="button no-print">
          Job
        </Link>
        {job.request.profile === true && (
          <Link href={`/jobs/${job.id}/profile`} className="button no-print">
            Profiles
          </Link>
        )}
      </div>
      <FilterBar
        plan={job.plan}
        metrics={metrics.data?.metrics ?? []}
        choice={choice}
        onChoice={onChoice}
        styles={styles}
      />
      {comparison.isError ? (
        <ComparisonFailure error={comparison.error} onChoice={onChoice} />
      ) : (
        <Loaded query={comparison} height={700}>
          {(loaded) => (
            <Results
              job={job}
              comparison={loaded}
              hosts={hosts.data?.hosts ?? []}
              choice={choice}
              onChoice={onChoice}
              styles={styles}
              refreshMs={refetchInterval}
            />
          )}
        </Loaded>
      )}
    </>
  );
}

function running(job: Job | undefined): boolean {
  return job !== undefined && ['queued', 'building', 'measuring'].includes(job.state);
}
