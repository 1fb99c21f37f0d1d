// SPDX-License-Identifier: GPL-2.0-or-later
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { Comparison } from '#contract/comparison.js';
import type { Job, JobList } from '#contract/job.js';
import { moment } from '../../format/times.js';
import { get, withQuery } from '../../http/client.js';
import { FailureNotice } from '../../components/error-notice.js';
import { Beside } from './beside.js';
import type { Choice } from './choice.js';
import { differences } from './differences.js';

interface OtherJobProps {
  readonly job: Job;
  readonly comparison: Comparison;
  readonly choice: Choice;
  readonly onChoice: (change: Partial<Choice>) => void;
}

/**
 * Shows another job beside this one, with a warning about differences that make the comparison
 * unfair.
 */
export function OtherJob({ job, comparison, choice, onChoice }: OtherJobProps) {
  const { with: other, metric, mixedHosts } = choice;
  const jobs = useQuery({
    queryKey: ['jobs', 'succeeded'],
    queryFn: ({ signal }) => get<JobList>('/v1/jobs?state=succeeded&limit=200', signal),
  });
  const there = useQuery({
    queryKey: ['beside', other, metric, mixedHosts],
    queryFn: async ({ signal }) => ({
      job: await get<Job>(`/v1/jobs/${encodeURIComponent(other!)}`, signal),
      comparison: await get<Comparison>(
        withQuery(`/v1/jobs/${encodeURIComponent(other!)}/comparison`, {
          metric,
          mixedHosts: mixedHosts ? true : null,
        }),
        signal,
      ),
    }),
    enabled: other !== null,
    placeholderData: keepPreviousData,
  });
  const choices = (jobs.data?.jobs ?? []).filter(({ id }) => id !== job.id);
  return (
    <section className={`card ${other === null ? 'no-print' : ''}`} aria-labelledby="beside">
      <div className="card-head">
        <h2 id="beside">Beside another job</h2>
        <div className="row job-choice">
          <label htmlFor="with">Job</label>
          <select
            id="with"
            value={other ?? ''}
            onChange={(event) =>
              onChoice({ with: event.target.value === '' ? null : event.target.value })
            }
          >
            <option value="">none</option>
            {other !== null && !choices.some(({ id }) => id === other) && (
              <option value={other}>{other}</option>
            )}
            {choices.map(({ id, name, createdAt }) => (
              <option key={id} value={id}>
                {name} · {moment(createdAt)} · {id.slice(0, 8)}
              </option>
            ))}
          </select>
        </div>
      </div>
      {other === null ? null : there.isError ? (
        <FailureNotice error={there.error} />
      ) : there.data === undefined ? (
        <div className="placeholder" style={{ minHeight: 240 }} role="status">
          Loading …
        </div>
      ) : (
        <Both here={{ job, comparison }} there={there.data} />
      )}
    </section>
  );
}

interface Measured {
  readonly job: Job;
  readonly comparison: Comparison;
}

function Both({ here, there }: { here: Measured; there: Measured }) {
  const unlike = useMemo(
    () =>
      differences(
        { ...here.job, hosts: here.comparison.hostFingerprints },
        { ...there.job, hosts: there.comparison.hostFingerprints },
      ),
    [here, there],
  );
  return (
    <>
      {unlike.length > 0 && (
        <div className="notice unsure" role="note">
          <strong>
            These jobs differ in more than when they ran:{' '}
            {unlike.map(({ what }) => what.toLowerCase().replace('qemu', 'QEMU')).join(', ')}.
          </strong>
          <table aria-label="Differences of the jobs">
            <thead>
              <tr>
                <th scope="col">Differs</th>
                <th scope="col">This job</th>
                <th scope="col">Other job</th>
              </tr>
            </thead>
            <tbody>
              {unlike.map(({ what, here: hereText, there: thereText }) => (
                <tr key={what}>
                  <th scope="row">{what}</th>
                  <td className="break">{hereText}</td>
                  <td className="break">{thereText}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="soft">
        Two jobs ran at different times. The ratio between them includes all changes of the host in
        the meantime, so it has no interval and no verdict. The sound way is one job that runs both
        in the same blocks:{' '}
        <Link href={withQuery('/submit', { from: here.job.id, baseline: there.job.id })}>
          submit this job with the other as its baseline
        </Link>
        .
      </p>
      <Beside
        here={here.comparison}
        there={there.comparison}
        otherId={there.job.id}
        otherName={there.job.name}
      />
    </>
  );
}
