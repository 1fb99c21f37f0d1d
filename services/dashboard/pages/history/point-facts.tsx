// SPDX-License-Identifier: GPL-2.0-or-later
import { Link } from 'wouter';
import type { HistoryPoint, SeriesKey } from '#contract/history.js';
import { shortCommit } from '../../format/commit.js';
import { shortDigest } from '../../format/digest.js';
import { mdeText, inUnit } from '../../format/numbers.js';
import { moment } from '../../format/times.js';
import { useMinimumDetectableEffect } from './use-minimum-detectable-effect.js';

/** Shows the facts of the point under the cursor. */
export function PointFacts({ point, series }: { point: HistoryPoint; series: SeriesKey }) {
  const { commit, value, low, high, unit, at, hostFingerprint } = point;
  const detectable = useMinimumDetectableEffect(point, series);
  return (
    <dl className="point-facts" aria-label="Point under the cursor">
      <div>
        <dt>Commit</dt>
        <dd className="mono break" title={commit ?? undefined}>
          {commit === null ? 'unknown' : shortCommit(commit)}
        </dd>
      </div>
      <div>
        <dt>Value</dt>
        <dd>
          <strong>{inUnit(value, unit)}</strong>
        </dd>
      </div>
      <div>
        <dt>Interval</dt>
        <dd>
          {low === null || high === null ? 'none' : `${inUnit(low, unit)} to ${inUnit(high, unit)}`}
        </dd>
      </div>
      {detectable !== null && (
        <div>
          <dt
            title={
              'Minimum detectable effect: the smallest that the blocks of this job detect four ' +
              'times out of five'
            }
          >
            MDE
          </dt>
          <dd>{detectable === undefined ? '…' : mdeText(detectable)}</dd>
        </div>
      )}
      <div>
        <dt>Time</dt>
        <dd>{moment(at)}</dd>
      </div>
      <div>
        <dt>Host</dt>
        <dd className="break" title={hostFingerprint}>
          {shortDigest(hostFingerprint)}
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
  if (source === 'job')
    return <Link href={`/jobs/${sourceId}/compare`}>comparison of the job</Link>;
  return <span title={sourceId}>import {sourceId.slice(0, 8)}</span>;
}
