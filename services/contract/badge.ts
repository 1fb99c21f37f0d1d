import { z } from 'zod';

export const BadgeQuery = z.strictObject({
  workload: z
    .string()
    .max(1000)
    .optional()
    .describe('label of a workload of the job; without it, any'),
  variant: z
    .string()
    .max(64)
    .optional()
    .describe('name of a variant; without it, any. Of all that fit, the badge shows the worst'),
  metric: z.string().max(256).default('wallNs').describe('as of a comparison'),
});
export type BadgeQuery = z.infer<typeof BadgeQuery>;
