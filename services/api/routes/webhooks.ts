import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { code } from '../../client/markdown.js';
import { asQibenchError, QibenchError } from '../../contract/error.js';
import { addWebhookJob, isNewDelivery } from '../../store/webhooks.js';
import type { Service } from '../server.js';
import { askOf, type Ask } from '../webhook/ask.js';
import { RepositoryAt } from '../webhook/github.js';
import { announcement } from '../webhook/report.js';
import type { WebhookSettings } from '../webhook/settings.js';
import { isSigned } from '../webhook/signature.js';
import { submitAsked } from '../webhook/submit.js';

const Headers = z.looseObject({ 'x-hub-signature-256': z.string().optional(), 'x-github-event': z.string().optional(), 'x-github-delivery': z.string().max(100).default('') });
const Answer = z.object({ accepted: z.boolean().describe('whether it asks for a job; how that goes is told in a comment') });

export function webhookRoutes(server: FastifyInstance, service: Service): void {
  const { webhook: settings } = service;
  if (settings === null) return;
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body)); // what is signed are the bytes

  const schema = { summary: 'Webhooks of GitHub: a comment /bench, or a label, on a pull request', headers: Headers, response: { 202: Answer } };
  server.withTypeProvider<ZodTypeProvider>().post('/v1/webhooks/github', { schema }, async (request, reply) => {
    const { body, headers } = request;
    if (!Buffer.isBuffer(body) || !isSigned(body, headers['x-hub-signature-256'], settings.secret)) throw new QibenchError('BAD_WEBHOOK', { reason: 'it is not signed with the secret of this service' });
    const ask = askOf(headers['x-github-event'], jsonOf(body), settings.label);
    const fresh = ask !== null && (await isNewDelivery(service.store, { bodyDigest: createHash('sha256').update(body).digest(), delivery: headers['x-github-delivery'] }));
    // GitHub waits ten seconds for an answer: what takes longer goes on without it.
    if (fresh) void act(service, settings, ask).catch((error: unknown) => request.log.error(error));
    return reply.status(202).send({ accepted: fresh });
  });
}

async function act(service: Service, settings: WebhookSettings, ask: Ask): Promise<void> {
  const { repository, number } = ask;
  const github = new RepositoryAt(settings, repository);
  try {
    const { job, baseSha } = await submitAsked(service, settings, ask);
    const commentId = await github.comment(number, announcement(job, baseSha, settings.publicUrl));
    await addWebhookJob(service.store, { jobId: job.id, repository, commentId, baseSha });
  } catch (error) {
    const { kind, message, details } = asQibenchError(error);
    const rules = details.slice(0, 10).map(({ path, message: rule }) => `* ${code(path)}: ${code(rule)}`);
    await github.comment(number, [`❌ ${kind === 'user' ? 'qibench does not measure this' : 'qibench itself failed: the code was not judged'}: ${code(message, 1_000)}`, '', ...rules].join('\n'));
    if (kind === 'bug') throw error;
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new QibenchError('BAD_WEBHOOK', { reason: 'it is no JSON; let GitHub send application/json' });
  }
}
