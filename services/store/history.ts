// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { HistoryPoint, SeriesKey } from '#contract/history.js';
import type { Import, ImportRequest, ImportedResult } from '#contract/import.js';
import { JobPlan } from '#contract/job.js';
import { KERNEL_COUNTS } from '#contract/metric.js';
import { DEFAULT_BRANCH } from '#contract/project.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { compareJob } from '#domain/comparison.js';
import { centreOfImport, measuredCells, measuresOf } from '#domain/measures.js';
import { LEAST_POINTS } from '#domain/series.js';
import { updateAlerts } from './alerts.js';
import { marksOf } from './marks.js';
import { exclusive, pointsOf } from './points.js';
import { listSamples } from './samples.js';
import type { Store } from './store.js';

/** A job or import that adds points to the history of a branch. */
interface Source {
  readonly source: 'job' | 'import';
  readonly id: string;
  readonly project: string;
  readonly branch: string;
  readonly commit: string | null;
  readonly at: string;
}

/** Number of jobs ingested per transaction. */
const JOBS_AT_ONCE = 50;

type NewPoint = Pick<
  HistoryPoint,
  'unit' | 'direction' | 'hostFingerprint' | 'value' | 'low' | 'high'
> &
  Pick<SeriesKey, 'workload' | 'variant' | 'metric'>;

/**
 * Stores the results of an imported document and adds its points to the history, in one
 * transaction.
 */
export async function storeImport(
  store: Store,
  request: ImportRequest,
  results: readonly ImportedResult[],
): Promise<Import> {
  const { format, project, branch, variant, host, commit = null } = request;
  const id = randomUUID();
  const at = new Date(request.committedAt ?? Date.now()).toISOString();
  const points = results.map((result): NewPoint => {
    const { benchmark: workload, metric, unit, direction } = result;
    return {
      workload,
      variant,
      metric,
      unit,
      direction,
      hostFingerprint: host,
      ...pick(centreOfImport(result)),
    };
  });
  await exclusive(store, project, async (client) => {
    await client.query(
      `INSERT INTO import (id, format, project, branch, commit, at, variant, host, results)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [id, format, project, branch, commit, at, variant, host, JSON.stringify(results)],
    );
    await addPoints(client, [[{ source: 'import', id, project, branch, commit, at }, points]]);
  });
  return { id, format, project, branch, commit, at, results: [...results] };
}

interface JobRow {
  readonly id: string;
  readonly plan: unknown;
  readonly branch: string;
  readonly commit: string | null;
  readonly at: Date;
}

const JOBS_TO_INGEST = `
  FROM job
  WHERE state = 'succeeded'
    AND request->>'project' IS NOT NULL
    AND request->>'project' = $1
    AND NOT EXISTS (SELECT 1 FROM history_point WHERE source_id = job.id)`;
const WAITING_JOBS = `
  SELECT id, plan,
    coalesce(request->>'branch', '${DEFAULT_BRANCH}') AS branch,
    request->>'commit' AS commit,
    coalesce((request->>'committedAt')::timestamptz, created_at) AS at
  ${JOBS_TO_INGEST}
  ORDER BY created_at, id`;

/** Returns whether a project has succeeded jobs that its history does not contain yet. */
export async function hasJobsToIngest(store: Store, project: string): Promise<boolean> {
  return (await store.pool.query(`SELECT 1 ${JOBS_TO_INGEST} LIMIT 1`, [project])).rows.length > 0;
}

/**
 * Ingests the succeeded jobs of a project into its history; jobs already ingested are skipped.
 * Several jobs share a transaction, so that a backlog does not trigger a search for change points
 * after every job.
 *
 * @param workloads Definitions whose declared metrics get a history.
 */
export async function ingestJobs(
  store: Store,
  workloads: readonly WorkloadDefinition[],
  project: string,
): Promise<void> {
  const { rows } = await store.pool.query<JobRow>(WAITING_JOBS, [project]);
  for (let at = 0; at < rows.length; at += JOBS_AT_ONCE) {
    const batch: [Source, NewPoint[]][] = [];
    for (const row of rows.slice(at, at + JOBS_AT_ONCE)) {
      const { id, branch, commit } = row;
      batch.push([
        { source: 'job', id, project, branch, commit, at: row.at.toISOString() },
        await pointsOfJob(store, workloads, row),
      ]);
    }
    await exclusive(store, project, (client) => addPoints(client, batch));
  }
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
  const samples = (await listSamples(store, id)).filter(({ batch }) => batch === 1);
  const counted = await listSamples(store, id, 'instructions');
  const comparison = compareJob(id, plan, samples, { mixedHosts: true });
  const hostFingerprint = comparison.hostFingerprints.join('+');
  const measures = measuresOf(measuredCells(plan, samples, { counted, workloads }), comparison);
  return measures
    .filter(({ metric }) => !KERNEL_COUNTS.includes(metric))
    .map(({ workload, variant, metric, unit, direction, ...rest }) => ({
      workload,
      variant,
      metric,
      unit,
      direction,
      hostFingerprint,
      ...pick(rest),
    }));
}

/**
 * Adds points, then updates the alerts of every series that grew. Existing points stay unchanged.
 */
async function addPoints(
  client: pg.PoolClient,
  batch: readonly (readonly [Source, readonly NewPoint[]])[],
): Promise<void> {
  const grown = new Map<string, SeriesKey>();
  for (const [source, points] of batch) {
    const { project, branch } = source;
    await insertPoints(client, source, points);
    for (const { workload, variant, metric } of points)
      grown.set(JSON.stringify([branch, workload, variant, metric]), {
        project,
        branch,
        workload,
        variant,
        metric,
      });
  }
  for (const key of grown.values()) {
    const points = await pointsOf(client, key);
    if (points.length >= LEAST_POINTS)
      await updateAlerts(client, key, points, await marksOf(client, key.project, key.branch));
  }
}

async function insertPoints(
  client: pg.PoolClient,
  { source, id, project, branch, commit, at }: Source,
  points: readonly NewPoint[],
): Promise<void> {
  const column = (name: keyof NewPoint): unknown[] => points.map((point) => point[name]);
  await client.query(
    `INSERT INTO history_point (
       source, source_id, project, branch, commit, at,
       workload, variant, metric, unit, direction, host_fingerprint, value, low, high)
     SELECT $1, $2, $3, $4, $5, $6, *
     FROM unnest(
       $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
       $13::float8[], $14::float8[], $15::float8[])
     ON CONFLICT DO NOTHING`,
    [
      source,
      id,
      project,
      branch,
      commit,
      at,
      column('workload'),
      column('variant'),
      column('metric'),
      column('unit'),
      column('direction'),
      column('hostFingerprint'),
      column('value'),
      column('low'),
      column('high'),
    ],
  );
}

const pick = ({
  value,
  low,
  high,
}: {
  value: number;
  low: number | null;
  high: number | null;
}) => ({ value, low, high });
