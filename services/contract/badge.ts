// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

export const BadgeQuery = z.strictObject({
  workload: z
    .string()
    .max(1000)
    .optional()
    .describe("label of one of the job's workloads; default: any"),
  variant: z
    .string()
    .max(400)
    .optional()
    .describe('name of a variant; default: any. The badge shows the worst matching verdict'),
  metric: z.string().max(256).default('wallNs').describe('as in a comparison'),
});
export type BadgeQuery = z.infer<typeof BadgeQuery>;
