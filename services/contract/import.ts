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

/** One number of an imported document, with what it came from. */
export const ImportedResult = z.object({
  benchmark: z.string(),
  metric: z.string(),
  unit: z.string().describe('empty where the format has none'),
  direction: Direction,
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  samples: z.array(z.number()).nullable().describe('single runs, where the format has them'),
});
export type ImportedResult = z.infer<typeof ImportedResult>;

/** The body of `POST /v1/imports`. Nothing about the document is guessed: format, host and, where the format has none, direction are said. */
export const ImportRequest = z.strictObject({
  format: ImportFormat,
  project: ProjectName,
  branch: BranchName.default(DEFAULT_BRANCH),
  commit: CommitName.optional(),
  committedAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('place in the history; without it, the time of the import'),
  variant: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and -, at most 32')
    .default('imported')
    .describe('how the history calls what was measured'),
  host: storable(z.string().trim().min(1).max(200)).describe(
    'where it was measured; results of different hosts are never mixed',
  ),
  direction: Direction.optional().describe(
    'needed where the format does not say it: measures of a Bencher document that are not ours',
  ),
  document: z.unknown().describe('the JSON document itself'),
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
