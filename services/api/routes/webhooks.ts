// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { decodeText } from '#client/text.js';
import { QibenchError } from '#contract/error.js';
import { WebhookDeliveryList } from '#contract/webhook.js';
import { addDelivery, listDeliveries } from '#store/webhooks.js';
import { BODY_LIMITS } from '../body.js';
import type { Service } from '../service.js';
import { parseTrigger } from '../webhook/trigger.js';
import { isSigned } from '../webhook/signature.js';

const LISTED = 100;
const Headers = z.looseObject({
  'x-hub-signature-256': z.string().optional(),
  'x-github-event': z.string().optional(),
  'x-github-delivery': z.string().max(100).default(''),
});
const Answer = z.object({
  accepted: z
    .boolean()
    .describe('whether it requests a job and is new; a comment reports the result'),
  reason: z.string().nullable().describe('why it was not accepted; null if it was'),
});

export function webhookRoutes(server: FastifyInstance, service: Service): void {
  const { webhook: settings, store } = service;
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const list = {
    summary: `The newest ${LISTED} GitHub deliveries that request a job, with their states`,
    response: { 200: WebhookDeliveryList },
  };
  typed.get('/v1/webhooks', { schema: list }, async () => ({
    deliveries: await listDeliveries(store, LISTED),
  }));

  if (settings === null) return;
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  ); // the signature covers the bytes

  const receive = {
    summary: 'Receive a webhook of GitHub: a comment /bench or a label on a pull request',
    headers: Headers,
    response: { 202: Answer },
  };
  typed.post(
    '/v1/webhooks/github',
    { schema: receive, bodyLimit: BODY_LIMITS.large },
    async (request, reply) => {
      const { body, headers } = request;
      const delivery = headers['x-github-delivery'];
      if (
        !Buffer.isBuffer(body) ||
        !isSigned(body, headers['x-hub-signature-256'], settings.secret)
      )
        throw new QibenchError('BAD_WEBHOOK', {
          reason: 'it is not signed with the secret of this service',
        });
      if (delivery === '')
        throw new QibenchError('BAD_WEBHOOK', {
          reason: 'the header X-GitHub-Delivery is missing',
        });
      const trigger = parseTrigger(headers['x-github-event'], jsonOf(body), settings.label);
      if (trigger === null)
        return reply.status(202).send({
          accepted: false,
          reason: 'it requests no measurement, or its author may not request one',
        });
      // GitHub waits ten seconds for a response, so the delivery is only recorded here.
      // Any process of the API takes its steps later.
      const accepted = await addDelivery(store, {
        delivery,
        bodyDigest: createHash('sha256').update(body).digest(),
        trigger,
      });
      return reply
        .status(202)
        .send({ accepted, reason: accepted ? null : 'this delivery was received before' });
    },
  );
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(decodeText(body));
  } catch {
    throw new QibenchError('BAD_WEBHOOK', {
      reason: 'it is not JSON in UTF-8; set the content type to application/json in GitHub',
    });
  }
}
