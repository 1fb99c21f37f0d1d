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

/** Formats in which a profile can be exported; `callgrind` is the profiler's own file. */
export const PROFILE_FORMATS = ['callgrind', 'collapsed', 'speedscope'] as const;
export const ProfileFormat = z.enum(PROFILE_FORMATS);
export type ProfileFormat = z.infer<typeof ProfileFormat>;

/** Content type and file extension of a profile in each format. */
export const PROFILE_MEDIA: Readonly<
  Record<ProfileFormat, { readonly contentType: string; readonly extension: string }>
> = {
  callgrind: { contentType: 'text/plain; charset=utf-8', extension: 'callgrind.out' },
  collapsed: { contentType: 'text/plain; charset=utf-8', extension: 'collapsed.txt' },
  speedscope: { contentType: 'application/json; charset=utf-8', extension: 'speedscope.json' },
};

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
