// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

/**
 * A backup is a gzip of lines:
 *
 *     {"format": "qibench-backup/1", "schema": "<last migration>",
 *      "createdAt": …, "tables": [name …]}                            on one line
 *     {"table": name, "columns": [name …]}      for every table, parents before children
 *     <rows in the text format of Postgres' COPY, one per line>
 *     \.
 *     {"rows": n, "sha256": digest of the rows' lines}
 *     {"end": true}
 */
export const FORMAT = 'qibench-backup/1';

export const BackupHeader = z.strictObject({
  format: z.literal(FORMAT),
  schema: z.string(),
  createdAt: z.iso.datetime(),
  tables: z.array(z.string()),
});
export type BackupHeader = z.infer<typeof BackupHeader>;

/** Name of a table or column of qibench. Any other name is rejected before it reaches SQL. */
const Name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
export const TableHeader = z.strictObject({ table: Name, columns: z.array(Name).min(1) });
export const TableTrailer = z.strictObject({ rows: z.number().int(), sha256: z.string() });
export const BackupEnd = z.strictObject({ end: z.literal(true) });

/** Marks the end of a table's rows. A row never has this text. */
export const END_OF_ROWS = '\\.';

/** Contents of a backup, or of the database restored from it. */
export interface BackupSummary {
  readonly schema: string;
  readonly tables: readonly {
    readonly table: string;
    readonly rows: number;
    readonly sha256: string;
  }[];
}

/** Quotes an untrusted name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
