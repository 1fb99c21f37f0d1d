// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ErrorBody } from './error.js';

/**
 * Measurement that a webhook requests. For a label, the event names the commits of the pull
 * request; for a comment, the commits pushed before it count.
 */
export const WebhookTrigger = z
  .object({
    repository: z.string().describe('owner/name'),
    number: z.number().int().describe('number of the pull request'),
    by: z.string().optional().describe('login of the user who requested it'),
  })
  .and(
    z.union([
      z.object({ headSha: z.string(), baseSha: z.string() }),
      z.object({ commentedAt: z.string() }),
    ]),
  );
export type WebhookTrigger = z.infer<typeof WebhookTrigger>;

/**
 * Progress of a delivery. Every state but the last two leads to a step, which is retried until it
 * succeeds or cannot succeed any more.
 */
export const WebhookState = z.enum([
  'received', // to be submitted
  'submitted', // has a job, to be announced in a comment
  'announced', // has a comment, which is to report the end of the job
  'refused', // gets no job; a comment is to report why
  'reported', // everything is reported
  'failed', // GitHub did not accept the report
]);
export type WebhookState = z.infer<typeof WebhookState>;

/** A delivery from GitHub that requested a job. */
export const WebhookDelivery = z.object({
  delivery: z.string().describe("GitHub's id of the delivery"),
  state: WebhookState,
  trigger: WebhookTrigger.nullable().describe('null: recorded by an earlier version'),
  jobId: z.uuid().nullable(),
  attempts: z.number().int().describe('attempts of the step that leads out of this state'),
  dueAt: z.iso
    .datetime()
    .nullable()
    .describe('when the step may be taken or retried; null: no step is left'),
  error: ErrorBody.nullable().describe(
    'reason for the refusal, the failure, or the failed last attempt',
  ),
  receivedAt: z.iso.datetime(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

export const WebhookDeliveryList = z.object({
  deliveries: z.array(WebhookDelivery).describe('newest first'),
});
export type WebhookDeliveryList = z.infer<typeof WebhookDeliveryList>;
