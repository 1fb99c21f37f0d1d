// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { History, Series } from '#contract/history.js';
import { shortDigest } from '../../format/digest.js';
import { inUnit } from '../../format/numbers.js';
import { moment } from '../../format/times.js';
import { get, withQuery } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { seriesToken } from '../../components/series-colour.js';
import { AlertSection } from './alert-section.js';
import { ChangeTable, MarkList, PointTable } from './series-tables.js';
import { PointFacts } from './point-facts.js';
import { seriesQuery } from './selection.js';
import { SeriesPlot } from './series-plot.js';

/** Interval in ms between requests for alerts that are not up to date. */
const REFRESH_MS = 5_000;

/** Shows one series in detail. */
export function SeriesView({ series, onAll }: { series: Series; onAll: () => void }) {
  const key = seriesQuery(series);
  const history = useQuery({
    queryKey: ['history', key],
    queryFn: ({ signal }) => get<History>(withQuery('/v1/history', key), signal),
    refetchInterval: ({ state }) => (state.data?.alertsDue === true ? REFRESH_MS : false),
  });
  return (
    <>
      <section className="card" aria-labelledby="series">
        <div className="card-head">
          <h2 id="series" className="break">
            {series.workload} · {series.variant} · {series.metric}
          </h2>
          <button type="button" onClick={onAll}>
            All series
          </button>
        </div>
        <Loaded query={history} height={620}>
          {(data) => <Points history={data} direction={series.direction} />}
        </Loaded>
      </section>
      <Loaded query={history} height={160}>
        {(data) => (
          <>
            <AlertSection alerts={data.alerts} due={data.alertsDue} />
            <MarkList history={data} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Points({ history, direction }: { history: History; direction: Series['direction'] }) {
  const { points } = history;
  const hosts = useMemo(
    () => [...new Set(points.map(({ hostFingerprint }) => hostFingerprint))],
    [points],
  );
  const [chosen, setChosen] = useState<number | null>(null);
  const onSelect = useCallback((index: number) => setChosen(index), []);
  if (points.length === 0) return <p className="empty">This series has no points.</p>;
  const selected = Math.min(chosen ?? points.length - 1, points.length - 1);
  const describe = (index: number) => {
    const { commit, value, unit, at, low, high } = points[index]!;
    const interval = low === null ? '' : `, interval ${inUnit(low, unit)} to ${inUnit(high, unit)}`;
    return `commit ${commit ?? 'unknown'}, ${inUnit(value, unit)}${interval}, ${moment(at)}`;
  };
  return (
    <>
      <ul className="legend">
        {hosts.map((host, index) => (
          <li key={host} title={host}>
            <span className="swatch" style={{ background: `var(${seriesToken(index)})` }} />
            <span className="break">{shortDigest(host)}</span>
          </li>
        ))}
        <li className="soft">
          {direction === 'smaller-is-better' ? 'smaller is better' : 'larger is better'}
        </li>
        <li className="soft">thin line: interval</li>
        {history.changePoints.length > 0 && (
          <li className="soft">thick step: level before and after a shift</li>
        )}
      </ul>
      <SeriesPlot
        history={history}
        hosts={hosts}
        selected={selected}
        onSelect={onSelect}
        describe={describe}
      />
      <p className="soft keys">
        Point with the mouse or ← →; drag or + − to zoom, double click or 0 for all.
      </p>
      <PointFacts point={points[selected]!} series={history} />
      <ChangeTable history={history} />
      <PointTable history={history} />
    </>
  );
}
