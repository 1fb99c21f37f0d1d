// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Direction } from './comparison.js';
import { ImportFormat } from './format.js';
import { BranchName, CommitName, DEFAULT_BRANCH, ProjectName, storable } from './project.js';

export const IMPORT_LIMITS = {
  results: 10_000,
  samples: 100_000,
  nameLength: 1024,
  metricLength: 64,
  unitLength: 64,
} as const;

/** One number of an imported document, with its interval and samples if the format has them. */
export const ImportedResult = z.object({
  benchmark: z.string(),
  metric: z.string(),
  unit: z.string().describe('empty if the format has none'),
  direction: Direction,
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  samples: z.array(z.number()).nullable().describe('single runs, if the format has them'),
});
export type ImportedResult = z.infer<typeof ImportedResult>;

/**
 * The body of `POST /v1/imports`. The service guesses nothing about the document: the request
 * states its format, its host and, if the format lacks it, the direction.
 */
export const ImportRequest = z.strictObject({
  format: ImportFormat,
  project: ProjectName,
  branch: BranchName.default(DEFAULT_BRANCH),
  commit: CommitName.optional(),
  committedAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('position in the history; default: the time of the import'),
  variant: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and -, at most 32')
    .default('imported')
    .describe('name of the variant in the history'),
  host: storable(z.string().trim().min(1).max(200)).describe(
    'name of the measuring host; results of different hosts are never mixed',
  ),
  direction: Direction.optional().describe(
    'required if the format does not state it: for measures of a Bencher document unknown to qibench',
  ),
  document: z
    .unknown()
    .refine((document) => document !== undefined && document !== null && document !== '', {
      error: 'is empty; send the JSON document itself',
    })
    .describe('the JSON document itself'),
});
export type ImportRequest = z.infer<typeof ImportRequest>;

export const Import = z.object({
  id: z.uuid(),
  format: ImportFormat,
  project: z.string(),
  branch: z.string(),
  commit: z.string().nullable(),
  at: z.iso.datetime(),
  results: z.array(ImportedResult),
});
export type Import = z.infer<typeof Import>;
