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
