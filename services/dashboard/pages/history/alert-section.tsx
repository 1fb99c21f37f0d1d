// SPDX-License-Identifier: GPL-2.0-or-later
import { useState } from 'react';
import type { Alert } from '#contract/history.js';
import { AlertRow } from './alert-row.js';

interface AlertSectionProps {
  alerts: readonly Alert[];
  /** True while the newest points or marks are missing in the alerts. */
  due: boolean;
  /** True if each alert shows its series. */
  showSeries?: boolean;
}

/** Number of alerts shown at first. */
const STEP = 20;

/** Shows change points as alerts, newest first, with their states and reasons. */
export function AlertSection({ alerts, due, showSeries = false }: AlertSectionProps) {
  const [openOnly, setOpenOnly] = useState(showSeries);
  const [most, setMost] = useState(STEP);
  const open = alerts.filter(({ state }) => state === 'open');
  const shown = (openOnly ? open : alerts).toReversed();
  return (
    <section className="card" aria-labelledby="alerts">
      <div className="card-head">
        <h2 id="alerts">Alerts</h2>
        <label className="row">
          <input
            type="checkbox"
            checked={openOnly}
            onChange={({ target }) => setOpenOnly(target.checked)}
          />
          open only ({open.length} of {alerts.length})
        </label>
      </div>
      <p className="soft">
        An alert is a level shift found in the results. It is advisory: set its state to
        acknowledged, noise or fixed.
      </p>
      {due && (
        <p className="notice" role="status">
          The newest points are still being searched for level shifts.
        </p>
      )}
      {shown.length === 0 ? (
        <p className="empty">
          {alerts.length === 0
            ? `No level shifts found${due ? ' so far' : ''}.`
            : 'No open alerts.'}
        </p>
      ) : (
        <ul className="alert-list">
          {shown.slice(0, most).map((alert) => (
            <AlertRow key={alert.id} alert={alert} showSeries={showSeries} />
          ))}
        </ul>
      )}
      {shown.length > most && (
        <button type="button" onClick={() => setMost(most + 5 * STEP)}>
          Show more of {shown.length}
        </button>
      )}
    </section>
  );
}
