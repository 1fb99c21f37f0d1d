// SPDX-License-Identifier: GPL-2.0-or-later
import { useState } from 'react';
import { Link } from 'wouter';
import type { Alert } from '#contract/history.js';
import { shortCommit } from '../../format/commit.js';
import { shortDigest } from '../../format/digest.js';
import { change } from '../../format/numbers.js';
import { ago, moment } from '../../format/times.js';
import { AlertForm } from './alert-form.js';
import { AlertStateBadge } from './alert-state.js';
import { seriesAddress } from './selection.js';

export function AlertRow({ alert, showSeries }: { alert: Alert; showSeries: boolean }) {
  const [changing, setChanging] = useState(false);
  const { worse, ratio, commit, hostFingerprint, present, reason, createdAt, updatedAt, state } =
    alert;
  return (
    <li className="alert-row">
      <div className="alert-line">
        <AlertStateBadge state={state} />
        <strong className={worse ? 'alert-worse' : 'alert-better'}>
          <span aria-hidden="true">{worse ? '▲ ' : '▼ '}</span>
          {change(ratio)} {worse ? 'worse' : 'better'}
        </strong>
        <span className="break">
          at commit{' '}
          <code title={commit ?? undefined}>
            {commit === null ? 'unknown' : shortCommit(commit)}
          </code>
        </span>
        {showSeries && (
          <Link href={seriesAddress(alert)} className="break">
            {alert.workload} · {alert.variant} · {alert.metric}
          </Link>
        )}
        <span className="soft break" title={hostFingerprint}>
          on {shortDigest(hostFingerprint)}
        </span>
        <span className="soft" title={moment(createdAt)}>
          found {ago(createdAt)}
        </span>
        <button
          type="button"
          className="alert-change"
          aria-expanded={changing}
          onClick={() => setChanging(!changing)}
        >
          Change state
        </button>
      </div>
      {!present && <p className="soft">The series no longer has this shift.</p>}
      {reason !== null && (
        <p className="alert-reason break">
          “{reason}” <span className="soft">{ago(updatedAt)}</span>
        </p>
      )}
      {changing && <AlertForm alert={alert} onDone={() => setChanging(false)} />}
    </li>
  );
}
