import { z } from 'zod';

/** The only thing that travels through the queue: which job to look at. */
export const QueueMessage = z.strictObject({ jobId: z.uuid() });
export type QueueMessage = z.infer<typeof QueueMessage>;
