// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Alert, AlertList, SeriesList } from '#contract/history.js';
import { get, withQuery } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { AlertSection } from './alert-section.js';
import { Choice } from './choice.js';
import { MarkForm } from './mark-form.js';
import { Overview } from './overview.js';
import { matches, NARROWING, type Selection } from './selection.js';
import { SeriesView } from './series-view.js';

interface BranchHistoryProps {
  project: string;
  branch: string;
  selection: Selection;
  change: (change: Partial<Selection>) => void;
  /** Selections to show first. */
  children: ReactNode;
}

/** Shows the series of a branch: all of them small, or a single selected one large. */
export function BranchHistory({
  project,
  branch,
  selection,
  change,
  children,
}: BranchHistoryProps) {
  const path = (what: string) => withQuery(what, { project, branch });
  const list = useQuery({
    queryKey: ['series', project, branch],
    queryFn: ({ signal }) => get<SeriesList>(path('/v1/series'), signal),
  });
  const alerts = useQuery({
    queryKey: ['alerts', project, branch],
    queryFn: ({ signal }) => get<AlertList>(path('/v1/alerts'), signal),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isDue(state.data) ? REFRESH_MS : false,
  });
  const all = list.data?.series ?? [];
  const chosen = all.filter((series) => matches(series, selection));
  const single = NARROWING.every((name) => selection[name] !== null) ? chosen[0] : undefined;
  // Each selection offers the values that the other two leave. Its own value stays visible, so that
  // it can be undone.
  const options = (name: (typeof NARROWING)[number]) => {
    const left = new Set(
      all
        .filter((series) => matches(series, { ...selection, [name]: null }))
        .map((series) => series[name]),
    );
    return [...(selection[name] === null ? left : left.add(selection[name]))].sort();
  };
  // Alerts come first if the selection has any; otherwise the series do.
  const alerting = (alerts.data?.alerts ?? NO_ALERTS).some((alert) => matches(alert, selection));
  const alertSection = (
    <Loaded query={alerts} height={160}>
      {(known) => (
        <AlertSection
          alerts={known.alerts.filter((alert) => matches(alert, selection))}
          due={isDue(known)}
          showSeries
        />
      )}
    </Loaded>
  );
  return (
    <>
      <div className="choices">
        {children}
        {NARROWING.map((name) => (
          <Choice
            key={name}
            label={LABELS[name]}
            value={selection[name]}
            options={options(name)}
            all={`all ${name}s`}
            onChange={(value) => change({ project, branch, [name]: value })}
          />
        ))}
      </div>
      {single !== undefined ? (
        <SeriesView
          key={JSON.stringify([single.workload, single.variant, single.metric])}
          series={single}
          onAll={() => change({ project, branch, workload: null, variant: null, metric: null })}
        />
      ) : (
        <>
          {alerting && alertSection}
          <Loaded query={list} height={420}>
            {() => (
              <Overview
                series={chosen}
                total={all.length}
                alerts={alerts.data?.alerts ?? NO_ALERTS}
              />
            )}
          </Loaded>
          {!alerting && alertSection}
        </>
      )}
      <MarkForm project={project} branch={branch} />
    </>
  );
}

/** Interval in ms between requests for alerts that are not up to date. */
const REFRESH_MS = 5_000;

const isDue = ({ waiting: { jobs, series } }: AlertList): boolean => jobs + series > 0;

const NO_ALERTS: readonly Alert[] = [];

const LABELS = { workload: 'Workload', variant: 'Variant', metric: 'Metric' } as const;
