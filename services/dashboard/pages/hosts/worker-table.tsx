// SPDX-License-Identifier: GPL-2.0-or-later
import { Link } from 'wouter';
import type { Capability, Worker } from '#contract/worker.js';
import { ago, moment } from '../../format/times.js';
import { StateBadge } from '../../components/state-badge.js';

/** Shows workers and the current job of each. */
export function WorkerTable({ workers }: { workers: readonly Worker[] }) {
  return (
    <div className="table-scroll inside" tabIndex={0} role="region" aria-label="Workers">
      <table>
        <thead>
          <tr>
            <th>Worker</th>
            <th>Current job</th>
            <th>Last seen</th>
            <th>Started</th>
            <th>CPUs</th>
            <th>Capabilities</th>
            <th>Builds and runs</th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <tr key={worker.id}>
              <th scope="row" className="worker-name">
                {worker.id}{' '}
                <span className="soft">
                  {worker.version}
                  {worker.role !== 'both' &&
                    `, ${worker.role === 'build' ? 'builds only' : 'measures only'}`}
                </span>
              </th>
              <td>
                <Doing worker={worker} />
              </td>
              <td className="nowrap">
                {worker.lost ? (
                  <span className="badge worse" title={moment(worker.seenAt)}>
                    <span aria-hidden="true">✕</span>lost, seen {ago(worker.seenAt)}
                  </span>
                ) : (
                  ago(worker.seenAt)
                )}
              </td>
              <td className="nowrap">{moment(worker.startedAt)}</td>
              <td className="mono nowrap">{worker.cpuset}</td>
              <td className="capabilities">
                {worker.labels.map((label) => (
                  <span key={label} className="badge" title="Label: jobs may require it">
                    {label}
                  </span>
                ))}
                {worker.capabilities.map((capability) => (
                  <Has key={capability.name} capability={capability} />
                ))}
              </td>
              <td className="mono targets">{worker.targets.join(' ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Doing({ worker: { job, notReady } }: { worker: Worker }) {
  if (job === null && notReady !== null)
    return <span className="badge worse">takes no job: {notReady}</span>;
  if (job === null) return <span className="soft">waits for a job</span>;
  const measuring = job.state === 'measuring';
  return (
    <div className="doing">
      <StateBadge state={job.state} />
      <Link href={`/jobs/${job.id}`}>{job.name}</Link>
      <span className="soft">
        {measuring
          ? `${job.blocksDone} ${job.blocksDone === 1 ? 'block' : 'blocks'} done`
          : job.step === null
            ? 'starting'
            : `${job.step}: ${job.what}`}
      </span>
    </div>
  );
}

function Has({ capability: { name, available, reason } }: { capability: Capability }) {
  return (
    <div>
      <span aria-hidden="true">{available ? '✓ ' : '✕ '}</span>
      {name}
      {available ? null : <span className="soft why"> no: {reason}</span>}
    </div>
  );
}
