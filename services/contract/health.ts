// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

export const Health = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  postgres: z.boolean(),
  redis: z.boolean(),
  queued: z.number().int(),
  running: z.number().int(),
});
export type Health = z.infer<typeof Health>;

/** Answer of the liveness check: the process responds, regardless of its dependencies. */
export const Liveness = z.object({
  live: z.literal(true),
  version: z.string(),
  upSeconds: z.number(),
});
export type Liveness = z.infer<typeof Liveness>;

/**
 * Answer of the readiness check: whether the process can do its work now, and the checks that
 * failed.
 */
export const Readiness = z.object({
  ready: z.boolean(),
  upSeconds: z.number().describe('since the process started'),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), reason: z.string().nullable() })),
});
export type Readiness = z.infer<typeof Readiness>;
