// SPDX-License-Identifier: GPL-2.0-or-later
import { memo } from 'react';
import { Link } from 'wouter';
import type { Job } from '#contract/job.js';
import type { QueueEntry } from '#contract/queue.js';
import { took } from '../../format/numbers.js';
import { ago, elapsedMs, moment } from '../../format/times.js';
import { belongsTo } from '../../components/history-label.js';
import { JobProgress } from '../../components/job-progress.js';
import { useNow } from '../../components/now.js';
import { StateBadge } from '../../components/state-badge.js';

interface JobsTableProps {
  jobs: readonly Job[];
  queue: ReadonlyMap<string, QueueEntry> | undefined;
  filtered: boolean;
  /** Fetches the next page; null on the last page. */
  more: (() => void) | null;
  busy: boolean;
}

export function JobsTable({ jobs, queue, filtered, more, busy }: JobsTableProps) {
  const nowMs = useNow(10_000);
  if (jobs.length === 0) {
    return filtered ? (
      <p className="empty">No matching jobs.</p>
    ) : (
      <p className="empty">
        No jobs yet. <Link href="/submit">Submit the first one</Link>.
      </p>
    );
  }
  return (
    <>
      <div className="table-scroll">
        <table className="jobs-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">State</th>
              <th scope="col" className="wide">
                QEMU
              </th>
              <th scope="col" className="wide">
                Measures
              </th>
              <th scope="col">Submitted</th>
              <th scope="col" className="wide number">
                Took
              </th>
            </tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <Row key={job.id} job={job} entry={queue?.get(job.id)} nowMs={nowMs} />
            ))}
          </tbody>
        </table>
      </div>
      {more !== null && (
        <button type="button" className="jobs-more" onClick={more} disabled={busy}>
          {busy ? 'Loading …' : 'Show more'}
        </button>
      )}
    </>
  );
}

const Row = memo(function Row({
  job,
  entry,
  nowMs,
}: {
  job: Job;
  entry: QueueEntry | undefined;
  nowMs: number;
}) {
  const { qemu } = job.request;
  const belongs = belongsTo(job.request);
  const ms = elapsedMs(job.startedAt, job.finishedAt);
  return (
    <tr>
      <td className="jobs-name">
        <Link href={`/jobs/${job.id}`}>{job.name}</Link>
        {belongs !== null && <span className="soft">{belongs}</span>}
      </td>
      <td className="jobs-state">
        <StateBadge state={entry?.state ?? job.state} />
        {entry !== undefined && <JobProgress entry={entry} plan={job.plan} />}
        {job.error !== null && job.state === 'failed' && (
          <span className="soft mono">{job.error.code}</span>
        )}
      </td>
      <td className="wide jobs-qemu">
        {qemu.version} <span className="soft">{qemu.target}</span>
      </td>
      <td className="wide jobs-what">
        {job.plan.workloads.map(({ label }) => label).join(', ')}
        <span className="soft">
          {[...new Set(job.plan.variants.map(({ name }) => name))].join(', ')}
        </span>
      </td>
      <td className="jobs-when">
        <time dateTime={job.createdAt} title={moment(job.createdAt)}>
          {ago(job.createdAt, nowMs)}
        </time>
      </td>
      <td className="wide number">{ms === null ? '–' : took(ms)}</td>
    </tr>
  );
});
