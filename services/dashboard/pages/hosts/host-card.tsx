// SPDX-License-Identifier: GPL-2.0-or-later
import { useState } from 'react';
import type { Host, HostFingerprint } from '#contract/host.js';
import type { Worker } from '#contract/worker.js';
import { shortDigest } from '../../format/digest.js';
import { bytes } from '../../format/numbers.js';
import { moment } from '../../format/times.js';
import { FalseAlarms, FitBadge } from './false-alarms.js';
import { Fingerprint } from './fingerprint.js';
import { Guests } from './guests.js';
import { KnobTable } from './knob-table.js';
import { Noise } from './noise.js';
import { WorkerTable } from './worker-table.js';

/** Shows one host fingerprint: its workers, facts, noise and false alarms. */
export function HostCard({
  host,
  workers,
  open,
}: {
  host: Host;
  workers: readonly Worker[];
  open: boolean;
}) {
  const [isOpen, setOpen] = useState(open);
  // The record may come from any earlier version: every field may be missing.
  const fingerprint = host.fingerprint as Partial<HostFingerprint>;
  return (
    <details
      className="card host"
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <h2>{fingerprint.cpuModel ?? 'Unknown processor'}</h2>
        <span className="soft">
          {fingerprint.cores ?? '?'} CPUs · {bytes(fingerprint.memoryBytes)} · Linux{' '}
          {fingerprint.kernel ?? '?'}
        </span>
        <code className="soft" title={host.digest}>
          {shortDigest(host.digest)}
        </code>
        <span className="summary-end row">
          <FitBadge host={host} />
          {workers.length > 0 ? (
            <span className="badge active">
              {workers.length} {workers.length === 1 ? 'worker' : 'workers'}
            </span>
          ) : (
            <span className="badge">no worker</span>
          )}
        </span>
      </summary>
      {isOpen && (
        <div className="host-body">
          {workers.length > 0 && <WorkerTable workers={workers} />}
          <div className="columns">
            <div className="host-column">
              <Noise digest={host.digest} />
              {fingerprint.knobs !== undefined && (
                <section aria-label="Tuning of the host">
                  <h3>Tuning</h3>
                  <KnobTable knobs={fingerprint.knobs} />
                </section>
              )}
            </div>
            <div className="host-column">
              <FalseAlarms host={host} />
              <Guests guests={host.guests} />
              <section aria-label="Fingerprint">
                <h3>Fingerprint</h3>
                <Fingerprint digest={host.digest} facts={fingerprint} />
                <p className="soft">First measured {moment(host.firstSeenAt)}.</p>
              </section>
            </div>
          </div>
        </div>
      )}
    </details>
  );
}
