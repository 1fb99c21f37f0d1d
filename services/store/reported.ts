// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job } from '#contract/job.js';
import type { Reported, ReportedList } from '#contract/reported.js';
import type { Store } from './store.js';

/** Maximum number of values: metric names of hostile runs may all differ. */
const VALUES = 10_000;

interface Row extends Pick<Reported, 'workload' | 'name' | 'unit'> {
  readonly side: 'head' | 'base';
  readonly variant: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

/**
 * Returns the metrics that a job's runs printed, in the order of the plan's workloads, then by
 * name. The values are in the order of the plan's variants. Of a sample of an earlier version, which
 * may have several values of a metric, the last counts.
 */
export async function listReported(
  store: Store,
  { id, plan }: Pick<Job, 'id' | 'plan'>,
): Promise<ReportedList> {
  const { rows } = await store.pool.query<Row>(
    `SELECT workload, name, unit, side, variant,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS median,
       min(value) AS low, max(value) AS high, count(*)::int AS runs
     FROM (
       SELECT DISTINCT ON (sample.id, metric->>'name')
         workload, side, variant, metric->>'name' AS name, metric->>'unit' AS unit,
         (metric->>'value')::float8 AS value
       FROM sample
       CROSS JOIN LATERAL jsonb_array_elements(metrics) WITH ORDINALITY AS printed (metric, place)
       WHERE job_id = $1 AND kind = 'timed' AND size = 'full' AND block >= 1
       ORDER BY sample.id, metric->>'name', place DESC
     ) AS value
     GROUP BY workload, name, unit, side, variant
     ORDER BY name, unit
     LIMIT $2`,
    [id, VALUES],
  );
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.workload, row.name, row.unit]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const place = ({ workload }: Pick<Reported, 'workload'>): number =>
    plan.workloads.findIndex(({ label }) => label === workload);
  const order = ({ side, variant }: Pick<Row, 'side' | 'variant'>): number =>
    plan.variants.findIndex((one) => one.side === side && one.name === variant);
  const reported = [...groups.values()].map((group): Reported => ({
    workload: group[0]!.workload,
    name: group[0]!.name,
    unit: group[0]!.unit,
    values: group
      .sort((a, b) => order(a) - order(b))
      .map(({ side, variant, median, low, high, runs }) => ({
        side,
        variant,
        median,
        low,
        high,
        runs,
      })),
  }));
  return { reported: reported.sort((a, b) => place(a) - place(b)) };
}
