import { Link } from 'wouter';
import type { HistoryPoint } from '../../../contract/history.js';
import { inUnit } from '../../format/numbers.js';
import { moment } from '../../format/times.js';

/** What is known of the point under the cursor. */
export function PointFacts({ point }: { point: HistoryPoint }) {
  const { commit, value, low, high, unit, at, hostFingerprint } = point;
  return (
    <dl className="point-facts" aria-label="Point under the cursor">
      <div>
        <dt>Commit</dt>
        <dd className="mono break">{commit ?? 'unknown'}</dd>
      </div>
      <div>
        <dt>Value</dt>
        <dd>
          <strong>{inUnit(value, unit)}</strong>
        </dd>
      </div>
      <div>
        <dt>Interval</dt>
        <dd>{low === null || high === null ? 'none' : `${inUnit(low, unit)} to ${inUnit(high, unit)}`}</dd>
      </div>
      <div>
        <dt>Time</dt>
        <dd>{moment(at)}</dd>
      </div>
      <div>
        <dt>Host</dt>
        <dd className="host-name" title={hostFingerprint}>
          {hostFingerprint}
        </dd>
      </div>
      <div>
        <dt>From</dt>
        <dd>
          <Source point={point} />
        </dd>
      </div>
    </dl>
  );
}

export function Source({ point: { source, sourceId } }: { point: HistoryPoint }) {
  if (source === 'job') return <Link href={`/jobs/${sourceId}/compare`}>comparison of the job</Link>;
  return <span title={sourceId}>import {sourceId.slice(0, 8)}</span>;
}
