// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { Host, HostList } from '#contract/host.js';
import type { Worker, WorkerList } from '#contract/worker.js';
import { get } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { useTitle } from '../../components/title.js';
import { HostCard } from './host-card.js';
import { KnobTable } from './knob-table.js';
import { WorkerTable } from './worker-table.js';
import './hosts.css';

/** Interval in ms between requests for the workers; workers report at the same interval. */
const REFRESH_MS = 5_000;

export function HostsPage() {
  useTitle('Hosts');
  const hosts = useQuery({
    queryKey: ['hosts'],
    queryFn: ({ signal }) => get<HostList>('/v1/hosts', signal),
    refetchInterval: REFRESH_MS * 4,
  });
  const workers = useQuery({
    queryKey: ['workers'],
    queryFn: ({ signal }) => get<WorkerList>('/v1/workers', signal),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <div className="page-head">
        <h1>Hosts</h1>
        <p className="soft">
          A fingerprint identifies a host: another kernel, compiler or image makes another host.
          Results of different hosts are not compared.
        </p>
      </div>
      <Loaded query={workers} height={120}>
        {(running) => (
          <Loaded query={hosts} height={600}>
            {(known) => <Hosts hosts={known.hosts} workers={running.workers} />}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}

function Hosts({ hosts, workers }: { hosts: readonly Host[]; workers: readonly Worker[] }) {
  const workersOf = ({ digest }: Host) =>
    workers.filter(({ hostFingerprint }) => hostFingerprint === digest);
  const unmeasured = workers.filter(
    ({ hostFingerprint }) => !hosts.some(({ digest }) => digest === hostFingerprint),
  );
  const newestFirst = hosts.toReversed();
  // Hosts with workers come first; the others are old fingerprints.
  const ordered = [
    ...newestFirst.filter((host) => workersOf(host).length > 0),
    ...newestFirst.filter((host) => workersOf(host).length === 0),
  ];
  return (
    <>
      {unmeasured.length > 0 && <UnmeasuredWorkers workers={unmeasured} />}
      {workers.length === 0 && (
        <p className="notice unsure">No worker is running: jobs wait until one starts.</p>
      )}
      {ordered.map((host, index) => (
        <HostCard
          key={host.digest}
          host={host}
          workers={workersOf(host)}
          open={index === 0 || workersOf(host).length > 0}
        />
      ))}
      {hosts.length === 0 && (
        <p className="empty">
          No hosts yet. A host appears here, with its noise and its false alarms, after its first
          measured job.
        </p>
      )}
    </>
  );
}

function UnmeasuredWorkers({ workers }: { workers: readonly Worker[] }) {
  return (
    <section className="card" aria-labelledby="unmeasured">
      <div className="card-head">
        <h2 id="unmeasured">Workers that have not measured yet</h2>
        <span className="soft">their fingerprint is known after the first measured job</span>
      </div>
      <WorkerTable workers={workers} />
      {workers.map(({ id, knobs }) => (
        <details key={id}>
          <summary>Tuning of {id}</summary>
          <KnobTable knobs={knobs} />
        </details>
      ))}
    </section>
  );
}
