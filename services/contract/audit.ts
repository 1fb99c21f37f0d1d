// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

export const AuditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  before: z
    .string()
    .regex(/^\d{1,18}$/, 'an id: digits')
    .optional()
    .describe('only entries older than this id'),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** A change, or a refused request. */
export const AuditEntry = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  subject: z.string().describe('name and id of the token'),
  action: z.string().describe('method and route'),
  object: z.string().describe('path'),
  outcome: z.string().describe('ok, or a code of the error catalogue'),
  ip: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
export const AuditList = z.object({ entries: z.array(AuditEntry).describe('newest first') });
export type AuditList = z.infer<typeof AuditList>;
