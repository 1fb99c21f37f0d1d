// SPDX-License-Identifier: GPL-2.0-or-later
import type { Alert, Series, SeriesKey } from '#contract/history.js';
import { SmallSeries } from './small-series.js';

interface OverviewProps {
  series: readonly Series[];
  /** Number of series of the branch, selected or not. */
  total: number;
  alerts: readonly Alert[];
}

/**
 * Shows small multiples, each series in its own range. Series with open alerts come first, then the
 * longest ones.
 */
export function Overview({ series, total, alerts }: OverviewProps) {
  const alertsOf = new Map<string, Alert[]>();
  for (const alert of alerts.filter(({ present }) => present))
    alertsOf.set(keyOf(alert), [...(alertsOf.get(keyOf(alert)) ?? []), alert]);
  const isOpen = (item: Series) =>
    (alertsOf.get(keyOf(item)) ?? []).some(({ state }) => state === 'open');
  const longestFirst = series.toSorted((a, b) => b.points - a.points);
  const ordered = [...longestFirst.filter(isOpen), ...longestFirst.filter((item) => !isOpen(item))];
  return (
    <section className="card" aria-labelledby="overview">
      <div className="card-head">
        <h2 id="overview">Series</h2>
        <span className="soft">
          {series.length === total ? `${total}` : `${series.length} of ${total}`}, each in its own
          range, with its number of points; one colour per host
        </span>
      </div>
      {series.length === 0 ? (
        <p className="empty">
          {total === 0 ? 'No results on this branch yet.' : 'No matching series.'}
        </p>
      ) : (
        <ul className="small-series-grid">
          {ordered.map((item) => (
            <SmallSeries
              key={keyOf(item)}
              series={item}
              alerts={alertsOf.get(keyOf(item)) ?? NO_ALERTS}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

const NO_ALERTS: readonly Alert[] = [];

const keyOf = ({ workload, variant, metric }: SeriesKey): string =>
  JSON.stringify([workload, variant, metric]);
