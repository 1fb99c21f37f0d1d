import { z } from 'zod';

/**
 * A backup is a gzip of lines:
 *
 *     {"format": "qibench-backup/1", "schema": "<last migration>", "createdAt": …, "tables": [name …]}
 *     {"table": name, "columns": [name …]}      for every table, parents before children
 *     <rows as Postgres' COPY has them as text, one a line>
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

/** Of our tables and columns; what could be anything else never reaches SQL. */
const Name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
export const TableHeader = z.strictObject({ table: Name, columns: z.array(Name).min(1) });
export const TableTrailer = z.strictObject({ rows: z.number().int(), sha256: z.string() });
export const BackupEnd = z.strictObject({ end: z.literal(true) });

/** Ends the rows of a table; no row is spelled like this. */
export const END_OF_ROWS = '\\.';

/** What a backup held, or what was restored. */
export interface BackupSummary {
  readonly schema: string;
  readonly tables: readonly {
    readonly table: string;
    readonly rows: number;
    readonly sha256: string;
  }[];
}

/** An SQL identifier from a name that may be anybody's. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
