// SPDX-License-Identifier: GPL-2.0-or-later
import { useState } from 'react';
import type { History } from '#contract/history.js';
import { shortCommit } from '../../format/commit.js';
import { shortDigest } from '../../format/digest.js';
import { change, inUnit, significant } from '../../format/numbers.js';
import { moment } from '../../format/times.js';
import { AlertStateBadge } from './alert-state.js';
import { Source } from './point-facts.js';

/** Shows the level shifts of a series. */
export function ChangeTable({ history: { changePoints, points, alerts } }: { history: History }) {
  if (changePoints.length === 0) return null;
  const unit = points.at(-1)!.unit;
  return (
    <div className="table-scroll inside" tabIndex={0} role="region" aria-label="Level shifts">
      <table>
        <thead>
          <tr>
            <th>Level shift at</th>
            <th className="number">Before</th>
            <th className="number">After</th>
            <th className="number">Change</th>
            <th className="number">p</th>
            <th>Alert</th>
            <th>Host</th>
          </tr>
        </thead>
        <tbody>
          {changePoints.map(({ pointId, before, after, ratio, pValue, worse, hostFingerprint }) => {
            const alert = alerts.find((candidate) => candidate.pointId === pointId);
            return (
              <tr key={pointId}>
                <CommitCell commit={points.find(({ id }) => id === pointId)?.commit ?? null} />
                <td className="number">{inUnit(before, unit)}</td>
                <td className="number">{inUnit(after, unit)}</td>
                <td className="number">
                  <span className={worse ? 'alert-worse' : 'alert-better'}>
                    <span aria-hidden="true">{worse ? '▲ ' : '▼ '}</span>
                    {change(ratio)} {worse ? 'worse' : 'better'}
                  </span>
                </td>
                <td className="number">{significant(pValue)}</td>
                <td>
                  {alert === undefined ? (
                    <span className="soft">none: a mark is near</span>
                  ) : (
                    <AlertStateBadge state={alert.state} />
                  )}
                </td>
                <td title={hostFingerprint}>{shortDigest(hostFingerprint)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Shows the values of the plot. */
export function PointTable({ history: { points } }: { history: History }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Points as a table</summary>
      {open && (
        <div
          className="table-scroll inside point-table"
          tabIndex={0}
          role="region"
          aria-label="Points"
        >
          <table>
            <thead>
              <tr>
                <th>Commit</th>
                <th>Time</th>
                <th className="number">Value</th>
                <th className="number">Interval</th>
                <th>Host</th>
                <th>From</th>
              </tr>
            </thead>
            <tbody>
              {points.toReversed().map((point) => (
                <tr key={point.id}>
                  <CommitCell commit={point.commit} />
                  <td>{moment(point.at)}</td>
                  <td className="number">{inUnit(point.value, point.unit)}</td>
                  <td className="number">
                    {point.low === null
                      ? '–'
                      : `${inUnit(point.low, point.unit)} to ${inUnit(point.high, point.unit)}`}
                  </td>
                  <td title={point.hostFingerprint}>{shortDigest(point.hostFingerprint)}</td>
                  <td>
                    <Source point={point} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

function CommitCell({ commit }: { commit: string | null }) {
  return (
    <td className="mono" title={commit ?? undefined}>
      {commit === null ? 'unknown' : shortCommit(commit)}
    </td>
  );
}

/** Lists the marks of known shifts. */
export function MarkList({ history: { marks } }: { history: History }) {
  if (marks.length === 0) return null;
  return (
    <section className="card" aria-labelledby="marks">
      <h2 id="marks">Marks</h2>
      <ul className="mark-list">
        {marks.map((mark) => (
          <li key={mark.id}>
            <span aria-hidden="true">⚑ </span>
            {mark.commit === null ? (
              moment(mark.at!)
            ) : (
              <code title={mark.commit}>{shortCommit(mark.commit)}</code>
            )}
            : <span className="break">{mark.reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
