// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import { QibenchError } from '#contract/error.js';
import type { Alert, AlertChange, AlertListQuery, SeriesKey } from '#contract/history.js';
import type { AlertPlan } from '#domain/series.js';
import type { Store } from './store.js';

type Client = pg.Pool | pg.PoolClient;

const COLUMNS = `
  alert.id::text, alert.project, alert.branch, alert.workload, alert.variant, alert.metric,
  alert.host_fingerprint AS "hostFingerprint", alert.point_id::text AS "pointId",
  before, after, ratio, p_value AS "pValue", worse, state, reason, present,
  alert.created_at AS "createdAt", alert.updated_at AS "updatedAt", history_point.commit`;
const FROM = 'FROM alert JOIN history_point ON history_point.id = alert.point_id';

/** Returns the alerts of a series, oldest first. */
export async function alertsOfSeries(
  client: Client,
  { project, branch, workload, variant, metric }: SeriesKey,
): Promise<Alert[]> {
  return select(
    client,
    `alert.project = $1 AND alert.branch = $2 AND alert.workload = $3
     AND alert.variant = $4 AND alert.metric = $5`,
    [project, branch, workload, variant, metric],
  );
}

/** Returns the alerts of a project, oldest first. */
export async function listAlerts(
  store: Store,
  { project, branch, state }: AlertListQuery,
): Promise<Alert[]> {
  return select(
    store.pool,
    `alert.project = $1
     AND ($2::text IS NULL OR alert.branch = $2)
     AND ($3::text IS NULL OR state = $3)`,
    [project, branch ?? null, state ?? null],
  );
}

/**
 * Sets the state of an alert and the reason for it.
 *
 * @throws {NOT_FOUND} The alert does not exist.
 */
export async function changeAlert(
  store: Store,
  id: string,
  { state, reason }: AlertChange,
): Promise<Alert> {
  const { rowCount } = await store.pool.query(
    'UPDATE alert SET state = $2, reason = $3, updated_at = now() WHERE id = $1',
    [id, state, reason],
  );
  if (rowCount === 0) throw new QibenchError('NOT_FOUND', { what: 'alert', id });
  return (await select(store.pool, 'alert.id = $1', [id]))[0]!;
}

/**
 * Stores the updates of a series' alerts. A kept alert gets its current change point, and an open
 * one at a mark becomes acknowledged; an alert whose change point is gone gets `present = false`.
 */
export async function saveAlerts(
  client: pg.PoolClient,
  key: SeriesKey,
  { kept, opened, gone }: AlertPlan,
): Promise<void> {
  for (const { alert, change, mark } of kept) {
    const known = mark !== null && alert.state === 'open';
    await client.query(
      `UPDATE alert
       SET point_id = $2, before = $3, after = $4, ratio = $5, p_value = $6, state = $7, reason = $8,
         present = true, updated_at = now()
       WHERE id = $1`,
      [
        alert.id,
        change.pointId,
        change.before,
        change.after,
        change.ratio,
        change.pValue,
        known ? 'acknowledged' : alert.state,
        known ? mark.reason : alert.reason,
      ],
    );
  }
  for (const { pointId, hostFingerprint, before, after, ratio, pValue, worse } of opened) {
    await client.query(
      `INSERT INTO alert (
         project, branch, workload, variant, metric, host_fingerprint,
         point_id, before, after, ratio, p_value, worse)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        key.project,
        key.branch,
        key.workload,
        key.variant,
        key.metric,
        hostFingerprint,
        pointId,
        before,
        after,
        ratio,
        pValue,
        worse,
      ],
    );
  }
  await client.query(
    'UPDATE alert SET present = false, updated_at = now() WHERE present AND id = ANY($1)',
    [gone.map(({ id }) => id)],
  );
}

async function select(client: Client, condition: string, values: unknown[]): Promise<Alert[]> {
  const { rows } = await client.query<
    Omit<Alert, 'createdAt' | 'updatedAt'> & { createdAt: Date; updatedAt: Date }
  >(`SELECT ${COLUMNS} ${FROM} WHERE ${condition} ORDER BY alert.id`, values);
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}
