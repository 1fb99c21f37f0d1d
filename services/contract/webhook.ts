import { z } from 'zod';
import { ErrorBody } from './error.js';

/** What a webhook asks to have measured. A label comes with the pull request as it was; of a comment, what had been pushed by then counts. */
export const WebhookAsk = z
  .object({
    repository: z.string().describe('owner/name'),
    number: z.number().int().describe('of the pull request'),
  })
  .and(
    z.union([
      z.object({ headSha: z.string(), baseSha: z.string() }),
      z.object({ commentedAt: z.string() }),
    ]),
  );
export type WebhookAsk = z.infer<typeof WebhookAsk>;

/** How far a delivery has come. From every state but the last two leads a step, which is tried again until it works or there is no hope. */
export const WebhookState = z.enum([
  'received', // to be submitted
  'submitted', // there is a job, to be announced in a comment
  'announced', // the comment is there; the end of the job is to be told in it
  'refused', // there will be no job; why is to be told in a comment
  'told', // all is said
  'failed', // GitHub did not take what there was to say
]);
export type WebhookState = z.infer<typeof WebhookState>;

/** A delivery of GitHub that asked for a job. */
export const WebhookDelivery = z.object({
  delivery: z.string().describe('id that GitHub gave it'),
  state: WebhookState,
  ask: WebhookAsk.nullable().describe('null: from before this was recorded'),
  jobId: z.uuid().nullable(),
  attempts: z.number().int().describe('of the step that leads out of this state'),
  dueAt: z.iso
    .datetime()
    .nullable()
    .describe('when the step may be taken, or taken anew; null: there is none'),
  error: ErrorBody.nullable().describe('why it was refused or failed, or the last attempt did'),
  receivedAt: z.iso.datetime(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

export const WebhookDeliveryList = z.object({
  deliveries: z.array(WebhookDelivery).describe('newest first'),
});
export type WebhookDeliveryList = z.infer<typeof WebhookDeliveryList>;
