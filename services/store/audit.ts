// SPDX-License-Identifier: GPL-2.0-or-later
import type { AuditEntry, AuditQuery } from '#contract/audit.js';
import type { Store } from './store.js';

const KEPT_DAYS = 365;
/** About 200 MB. At the default rate limit, a token needs 14 hours to write them. */
const KEPT_PER_SUBJECT = 1_000_000;

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

/**
 * Deletes entries older than KEPT_DAYS, and the oldest entries of a subject with more than
 * `perSubject`: one subject's flood removes no other's.
 * @returns Number of deleted entries.
 */
export async function trimAudit(store: Store, perSubject = KEPT_PER_SUBJECT): Promise<number> {
  const old = await store.pool.query(
    `DELETE FROM audit WHERE at < now() - interval '${KEPT_DAYS} days'`,
  );
  const many = await store.pool.query(
    `DELETE FROM audit
     USING (
       SELECT subject,
         (SELECT id
          FROM audit
          WHERE audit.subject = flood.subject
          ORDER BY id DESC
          OFFSET $1
          LIMIT 1) AS newest_removed
       FROM (SELECT subject FROM audit GROUP BY subject HAVING count(*) > $1) AS flood
     ) AS surplus
     WHERE audit.subject = surplus.subject AND audit.id <= newest_removed`,
    [perSubject],
  );
  return (old.rowCount ?? 0) + (many.rowCount ?? 0);
}
