// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

/**
 * Formats in which results can be imported and exported.
 *
 * @see docs/formats.md
 */
export const IMPORT_FORMATS = [
  'hyperfine',
  'bmf',
  'custom-smaller-is-better',
  'google-benchmark',
] as const;
export const ImportFormat = z.enum(IMPORT_FORMATS);
export type ImportFormat = z.infer<typeof ImportFormat>;

export const EXPORT_FORMATS = [...IMPORT_FORMATS, 'junit', 'csv', 'ndjson'] as const;
export const ExportFormat = z.enum(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof ExportFormat>;

export const ExportQuery = z.strictObject({ format: ExportFormat });

/** Content type and file extension of each format. */
export const MEDIA: Readonly<
  Record<ExportFormat, { readonly contentType: string; readonly extension: string }>
> = {
  hyperfine: { contentType: 'application/json; charset=utf-8', extension: 'hyperfine.json' },
  bmf: { contentType: 'application/json; charset=utf-8', extension: 'bmf.json' },
  'custom-smaller-is-better': {
    contentType: 'application/json; charset=utf-8',
    extension: 'custom-smaller-is-better.json',
  },
  'google-benchmark': {
    contentType: 'application/json; charset=utf-8',
    extension: 'google-benchmark.json',
  },
  junit: { contentType: 'application/xml; charset=utf-8', extension: 'junit.xml' },
  csv: { contentType: 'text/csv; charset=utf-8; header=present', extension: 'csv' },
  ndjson: { contentType: 'application/x-ndjson; charset=utf-8', extension: 'ndjson' },
};
