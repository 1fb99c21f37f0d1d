// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Job } from '#contract/job.js';
import { bytes, took } from '../../format/numbers.js';
import { elapsedMs, moment } from '../../format/times.js';
import { get } from '../../http/client.js';
import { useQueue } from '../../http/queue.js';
import { belongsTo } from '../../components/history-label.js';
import { ErrorNotice, FailureNotice } from '../../components/error-notice.js';
import { hasEnded } from '../../components/has-ended.js';
import { JobProgress } from '../../components/job-progress.js';
import { Loaded } from '../../components/loaded.js';
import { StateBadge } from '../../components/state-badge.js';
import { useTitle } from '../../components/title.js';
import { Builds } from './builds.js';
import { Inputs } from './inputs.js';
import { JobActions } from './job-actions.js';
import { LogView } from './log-view.js';
import { ReportedTable } from './reported-table.js';
import { Results } from './results.js';
import { Stages } from './stages.js';
import { useProgress } from './use-progress.js';
import './job.css';

export function JobPage({ id }: { id: string }) {
  const job = useQuery({
    queryKey: ['job', id],
    queryFn: ({ signal }) => get<Job>(`/v1/jobs/${encodeURIComponent(id)}`, signal),
  });
  useTitle(job.data?.name ?? 'Job');
  return (
    <>
      {job.data === undefined && <h1>Job</h1>}
      <Loaded query={job} height={800}>
        {(data) => <ShownJob job={data} />}
      </Loaded>
    </>
  );
}

function ShownJob({ job }: { job: Job }) {
  const { progress, connected } = useProgress(job.id);
  const [failure, setFailure] = useState<unknown>(null);
  return (
    <>
      <div className="page-head">
        <h1>{job.name}</h1>
        <JobActions job={job} onFailure={setFailure} />
      </div>
      <div className="row job-state">
        <span role="status">
          <StateBadge state={job.state} />
        </span>
        {!hasEnded(job.state) && <Waiting job={job} />}
        <span className="soft">{times(job)}</span>
      </div>
      {failure !== null && <FailureNotice error={failure} />}
      {job.error !== null && job.state !== 'cancelled' && <ErrorNotice error={job.error} />}
      {job.truncations.length > 0 && (
        <section className="notice unsure" role="note" aria-label="Truncated">
          {job.truncations.map(({ what, limitBytes }) => (
            <p key={what}>
              Truncated: {what}, limited to {bytes(limitBytes)}.
            </p>
          ))}
        </section>
      )}
      <div className="job-columns">
        <div className="job-main">
          <Stages progress={progress} connected={connected} />
          <LogView id={job.id} />
        </div>
        <div className="job-side">
          {job.blocksDone > 0 && <Results job={job} />}
          <Inputs job={job} />
        </div>
      </div>
      {job.blocksDone > 0 && <ReportedTable job={job} />}
      <Builds id={job.id} />
    </>
  );
}

function Waiting({ job: { id, plan } }: { job: Job }) {
  const entry = useQueue()?.get(id);
  return entry === undefined ? null : <JobProgress entry={entry} plan={plan} />;
}

function times({ request, createdAt, startedAt, finishedAt }: Job): string {
  const ms = elapsedMs(startedAt, finishedAt);
  const ended = ms === null ? '' : `, took ${took(ms)}`;
  return [belongsTo(request), `submitted ${moment(createdAt)}${ended}`]
    .filter((part) => part !== null)
    .join(' · ');
}
