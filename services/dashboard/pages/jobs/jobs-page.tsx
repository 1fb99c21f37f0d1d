import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { JobList } from '../../../contract/job.js';
import { ago } from '../../format/times.js';
import { get } from '../../http/client.js';
import { Loaded } from '../../parts/loaded.js';
import { StateBadge } from '../../parts/state-badge.js';
import { useTitle } from '../../parts/title.js';

export function JobsPage() {
  useTitle('Jobs');
  const jobs = useQuery({ queryKey: ['jobs'], queryFn: ({ signal }) => get<JobList>('/v1/jobs', signal) });
  return (
    <>
      <div className="page-head">
        <h1>Jobs</h1>
        <Link href="/submit" className="button primary">
          New job
        </Link>
      </div>
      <section className="card">
        <Loaded query={jobs} height={400}>
          {(list) => (
            <div className="table-scroll">
              <table>
                <tbody>
                  {list.jobs.map((job) => (
                    <tr key={job.id}>
                      <td>
                        <Link href={`/jobs/${job.id}`}>{job.name}</Link>
                      </td>
                      <td>
                        <StateBadge state={job.state} />
                      </td>
                      <td>{ago(job.createdAt)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Loaded>
      </section>
    </>
  );
}
