// SPDX-License-Identifier: GPL-2.0-or-later
import type { Import, ImportedResult } from '#contract/import.js';
import { JobPlan } from '#contract/job.js';
import { KERNEL_COUNTS, measuresWith } from '#contract/metric.js';
import type { ProjectQuota } from '#contract/project-use.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { compareJob } from '#domain/comparison.js';
import { centresOfImport, measuredCells, measuresOf } from '#domain/measures.js';
import { LEAST_POINTS, planAlerts, seriesChanges } from '#domain/series.js';
import { alertsOfSeries, saveAlerts } from '#store/alerts.js';
import { listDueSeries, removeDueSeries, type DueSeries } from '#store/due-series.js';
import {
  addPoints,
  insertImport,
  jobsToIngest,
  type ImportTarget,
  type JobRow,
  type NewPoint,
  type Source,
} from '#store/history.js';
import { marksOf } from '#store/marks.js';
import { exclusive, pointsOf } from '#store/points.js';
import { listFigures } from '#store/samples.js';
import type { Store } from '#store/store.js';

/** Most jobs ingested per transaction. */
const JOBS_AT_ONCE = 50;
/** Milliseconds after which a transaction with fewer jobs is committed, so that progress lasts. */
const COMMIT_AFTER_MS = 5_000;
/** Milliseconds for which one task updates alerts; then other tasks of the project get a turn. */
const ALERTS_MS = 2_000;
const SERIES_AT_ONCE = 100;

/**
 * Stores the results of an imported document and adds their centres to the history.
 * @param quota Null: none.
 * @throws {QUOTA_EXCEEDED} The project has too many imports or too many bytes of them.
 */
export async function storeImport(
  store: Store,
  target: ImportTarget,
  results: readonly ImportedResult[],
  quota: ProjectQuota | null = null,
): Promise<Import> {
  const centres = centresOfImport(results);
  const points = results.map(({ benchmark, metric, unit, direction }, index): NewPoint => {
    const { value, low, high } = centres[index]!;
    return {
      workload: benchmark,
      variant: target.variant,
      metric,
      unit,
      direction,
      hostFingerprint: target.host,
      value,
      low,
      high,
    };
  });
  return insertImport(store, target, results, points, quota);
}

/**
 * Ingests the succeeded jobs of a project into its history; jobs already ingested are skipped.
 *
 * @param workloads Definitions whose declared metrics get a history.
 */
export async function ingestJobs(
  store: Store,
  workloads: readonly WorkloadDefinition[],
  project: string,
): Promise<void> {
  let batch: [Source, NewPoint[]][] = [];
  let start = performance.now();
  const commit = async () => {
    if (batch.length > 0) await addPoints(store, project, batch);
    batch = [];
    start = performance.now();
  };
  for (const row of await jobsToIngest(store, project)) {
    const { id, branch, commit: name } = row;
    batch.push([
      { source: 'job', id, project, branch, commit: name, at: row.at.toISOString() },
      await pointsOfJob(store, workloads, row),
    ]);
    if (batch.length >= JOBS_AT_ONCE || performance.now() - start > COMMIT_AFTER_MS) await commit();
  }
  await commit();
}

/**
 * Returns every measure of every head variant with every workload, from the first batch. A job
 * measured on several hosts gets a host fingerprint of its own, which joins theirs.
 */
async function pointsOfJob(
  store: Store,
  workloads: readonly WorkloadDefinition[],
  { id, plan: stored }: JobRow,
): Promise<NewPoint[]> {
  const plan = JobPlan.parse(stored);
  const names = measuresWith(workloads).map(({ name }) => name);
  const samples = (await listFigures(store, { id, plan }, names)).filter(
    ({ batch }) => batch === 1,
  );
  const counted = await listFigures(store, { id, plan }, names, 'instructions');
  const comparison = compareJob(id, plan, samples, { mixedHosts: true });
  const hostFingerprint = comparison.hostFingerprints.join('+');
  const measures = measuresOf(measuredCells(plan, samples, { counted, workloads }), comparison);
  return measures
    .filter(({ metric }) => !KERNEL_COUNTS.includes(metric))
    .map(({ workload, variant, metric, unit, direction, value, low, high }) => ({
      workload,
      variant,
      metric,
      unit,
      direction,
      hostFingerprint,
      value,
      low,
      high,
    }));
}

/**
 * Updates alerts of a project whose series have grown or were marked, for `ALERTS_MS`.
 *
 * @returns Whether series remain.
 */
export async function updateAlerts(store: Store, project: string): Promise<boolean> {
  const end = performance.now() + ALERTS_MS;
  const due = await listDueSeries(store, project, SERIES_AT_ONCE);
  for (const series of due) {
    if (performance.now() > end) return true;
    await updateAlertsOf(store, series);
  }
  return due.length === SERIES_AT_ONCE;
}

/** The search for change points runs before the transaction, which only stores its result. */
async function updateAlertsOf(store: Store, due: DueSeries): Promise<void> {
  const { key } = due;
  const points = await pointsOf(store.pool, key);
  const changes = points.length < LEAST_POINTS ? [] : seriesChanges(points);
  await exclusive(store, key.project, async (client) => {
    if (!(await removeDueSeries(client, due))) return; // it has changed again, and is due again
    const marks = await marksOf(client, key.project, key.branch);
    const alerts = await alertsOfSeries(client, key);
    await saveAlerts(client, key, planAlerts(points, changes, alerts, marks));
  });
}
