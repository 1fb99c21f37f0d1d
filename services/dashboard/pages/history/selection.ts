// SPDX-License-Identifier: GPL-2.0-or-later
import { useSearchParams } from 'wouter';
import type { SeriesKey } from '#contract/history.js';
import { withQuery } from '../../http/client.js';

/** Selection in the address; null selects everything. */
export interface Selection {
  readonly project: string | null;
  readonly branch: string | null;
  readonly workload: string | null;
  readonly variant: string | null;
  readonly metric: string | null;
}

/** Selections that narrow the series of a branch. */
export const NARROWING = ['workload', 'variant', 'metric'] as const;

const NAMES = ['project', 'branch', ...NARROWING] as const;

export function useSelection(): [Selection, (change: Partial<Selection>) => void] {
  const [search, setSearch] = useSearchParams();
  const selection = Object.fromEntries(
    NAMES.map((name) => [name, search.get(name)]),
  ) as unknown as Selection;
  const change = (changed: Partial<Selection>) =>
    setSearch(
      Object.entries({ ...selection, ...changed }).filter(
        (entry): entry is [string, string] => entry[1] !== null,
      ),
    );
  return [selection, change];
}

export function matches(series: SeriesKey, selection: Selection): boolean {
  return NARROWING.every((name) => selection[name] === null || selection[name] === series[name]);
}

/** Returns the address of the page of one series. */
export function seriesAddress({ project, branch, workload, variant, metric }: SeriesKey): string {
  return withQuery('/history', { project, branch, workload, variant, metric });
}

/** Returns the query parameters of a series for the API. */
export function seriesQuery({
  project,
  branch,
  workload,
  variant,
  metric,
}: SeriesKey): Record<string, string> {
  return { project, branch, workload, variant, metric };
}
