// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Alert, Series, SeriesPoints } from '#contract/history.js';
import { change, inUnit } from '../../format/numbers.js';
import { Badge } from '../../components/badge.js';
import { get, withQuery } from '../../http/client.js';
import { useTheme } from '../../components/theme.js';
import { drawSmallSeries } from './draw-small-series.js';
import { seriesAddress, seriesQuery } from './selection.js';

/** Distance from the window within which a series is fetched and drawn. */
const NEAR = '300px';

/** Shows one series of the overview. Fetches and draws it when it is in the window or near it. */
export function SmallSeries({ series, alerts }: { series: Series; alerts: readonly Alert[] }) {
  const place = useRef<HTMLLIElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [near, setNear] = useState(false);
  const theme = useTheme();
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        // A series that has been drawn stays drawn.
        observer.disconnect();
        setNear(true);
      },
      { rootMargin: NEAR },
    );
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, []);
  const points = useQuery({
    queryKey: [
      'points',
      series.project,
      series.branch,
      series.workload,
      series.variant,
      series.metric,
      series.points,
    ],
    queryFn: ({ signal }) =>
      get<SeriesPoints>(withQuery('/v1/history/points', seriesQuery(series)), signal),
    enabled: near,
    staleTime: 60_000,
  });
  const { data } = points;
  useEffect(() => {
    if (!near || data === undefined) return;
    const draw = () => drawSmallSeries(canvas.current!, data, alerts);
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, [near, data, alerts, theme]);

  const open = alerts.filter(({ state }) => state === 'open');
  return (
    <li ref={place}>
      <Link href={seriesAddress(series)} className="small-series">
        <span className="small-series-head">
          <span className="small-series-name">{series.workload}</span>
          <span className="soft">
            {series.points}
            <span className="visually-hidden"> points</span>
          </span>
        </span>
        <span className="soft small-series-name">
          {series.variant} · {series.metric}
        </span>
        <canvas ref={canvas} aria-hidden="true" />
        <span className="small-series-foot">
          <span className="number">
            {data === undefined
              ? points.isError
                ? 'not loaded'
                : '…'
              : inUnit(data.values.at(-1), series.unit)}
          </span>
          {open.slice(-1).map((alert) => (
            <Badge key={alert.id} tone={alert.worse ? ['worse', '▲'] : ['better', '▼']}>
              {change(alert.ratio)}
              <span className="visually-hidden">
                {alert.worse ? 'worse, open alert' : 'better, open alert'}
              </span>
            </Badge>
          ))}
        </span>
      </Link>
    </li>
  );
}
