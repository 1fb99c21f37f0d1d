// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { Comparison } from '#contract/comparison.js';
import type { HistoryPoint, SeriesKey } from '#contract/history.js';
import { get, withQuery } from '../../http/client.js';
import { useSettled } from '../../components/use-settled.js';

/** Delay in ms before a request, so that a moving cursor sends none. */
const SETTLED_MS = 150;

/**
 * Returns the minimum detectable effect of the job behind a point, for its variant over the job's
 * baseline, as a ratio above 1.
 *
 * @returns Undefined until it is known. Null for imports, for the baseline itself, for too few
 *   blocks, and for jobs that measure until decided.
 */
export function useMinimumDetectableEffect(
  point: HistoryPoint,
  { workload, variant, metric }: SeriesKey,
): number | null | undefined {
  const { source, sourceId } = useSettled(point, SETTLED_MS);
  const compared = metric === 'wallRatio' ? 'wallNs' : metric;
  const comparison = useQuery({
    queryKey: ['comparison', sourceId, compared, true],
    queryFn: ({ signal }) =>
      get<Comparison>(
        withQuery(`/v1/jobs/${sourceId}/comparison`, { metric: compared, mixedHosts: true }),
        signal,
      ),
    enabled: source === 'job',
    staleTime: Infinity,
  });
  if (point.source !== 'job' || comparison.isError) return null;
  if (point.sourceId !== sourceId || comparison.data === undefined) return undefined;
  return (
    comparison.data.rows.find(
      (row) =>
        row.side === 'head' &&
        row.workload === workload &&
        row.variant === variant &&
        row.ratio !== null,
    )?.minimumDetectableRatio ?? null
  );
}
