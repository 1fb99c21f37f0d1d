// SPDX-License-Identifier: GPL-2.0-or-later
import type { AuditEntry, AuditQuery } from '#contract/audit.js';
import type { Store } from './store.js';

const KEPT_DAYS = 365;

export async function writeAudit(
  store: Store,
  { subject, action, object, outcome, ip }: Omit<AuditEntry, 'id' | 'at'>,
): Promise<void> {
  await store.pool.query(
    'INSERT INTO audit (subject, action, object, outcome, ip) VALUES ($1, $2, $3, $4, $5)',
    [subject, action, object, outcome, ip],
  );
}

/** Returns audit entries, newest first; `before` is the last id of the previous page. */
export async function listAudit(
  store: Store,
  { limit, before }: AuditQuery,
): Promise<AuditEntry[]> {
  const { rows } = await store.pool.query<Omit<AuditEntry, 'at'> & { at: Date }>(
    `SELECT id::text, at, subject, action, object, outcome, ip
     FROM audit
     WHERE $2::bigint IS NULL OR id < $2
     ORDER BY audit.id DESC
     LIMIT $1`,
    [limit, before ?? null],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Deletes entries older than a year. */
export async function trimAudit(store: Store): Promise<void> {
  await store.pool.query(`DELETE FROM audit WHERE at < now() - interval '${KEPT_DAYS} days'`);
}
