// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ENDED_STATES, type Job } from '#contract/job.js';
import { LogPage, LogQuery, Sequence, type JobEvent } from '#contract/job-event.js';
import { quotaExceeded } from '#domain/access.js';
import { eventsAfter } from '#store/events.js';
import { logsAfter } from '#store/logs.js';
import { OpenRequests } from '../open-requests.js';
import type { Service } from '../service.js';
import { existingJob, JobParams } from './jobs.js';

const HEARTBEAT_MS = 15_000;
const PAGE = 200;
/** Open event streams of a token and its sessions; each reads the store at every news of its job. */
const STREAMS_PER_ACCOUNT = 20;

export function jobStreamRoutes(server: FastifyInstance, service: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const { store } = service;
  // A client resumes after its last event, at another process or at the successor of this one.
  const closing = new AbortController();
  const streams = new OpenRequests(STREAMS_PER_ACCOUNT, ({ access }, limit) =>
    quotaExceeded(access.project, 'open event streams of a token', limit, limit + 1),
  );
  server.addHook('preClose', (done) => {
    closing.abort();
    done();
  });

  typed.get(
    '/v1/jobs/:id/logs',
    { schema: { params: JobParams, querystring: LogQuery, response: { 200: LogPage } } },
    async (request) => {
      const job = await existingJob(store, request.params.id);
      const chunks = await logsAfter(store, job.id, request.query.after, request.query.limit);
      return {
        chunks,
        next: chunks.at(-1)?.sequence ?? request.query.after,
        ended: ENDED_STATES.includes(job.state),
      };
    },
  );

  const stream = {
    summary: 'Server-sent events of a job until it ends, from the first or after Last-Event-ID',
    params: JobParams,
    headers: z.looseObject({ 'last-event-id': Sequence.optional() }),
  };
  typed.get('/v1/jobs/:id/events', { schema: stream }, async (request, reply) => {
    const job = await existingJob(store, request.params.id);
    streams.enter(request, reply);
    const events = Readable.from(
      follow(service, job, request.headers['last-event-id'] ?? 0, closing.signal),
    );
    request.raw.once('close', () => events.destroy());
    return reply
      .header('content-type', 'text/event-stream')
      .header('cache-control', 'no-store')
      .send(events);
  });
}

async function* follow(
  service: Service,
  { id: jobId, state }: Job,
  after: number,
  closing: AbortSignal,
): AsyncGenerator<string> {
  let sequence = after;
  let news = true;
  let wake: () => void = () => undefined;
  const ring = () => {
    news = true;
    wake();
  };
  const stop = service.onJobNews(jobId, ring);
  closing.addEventListener('abort', ring);
  try {
    while (!closing.aborted) {
      news = false;
      const events = await eventsAfter(service.store, jobId, sequence, PAGE);
      for (const event of events) {
        sequence = event.sequence;
        yield `id: ${event.sequence}\ndata: ${JSON.stringify(event)}\n\n`;
        if (ends(event)) return;
      }
      if (events.length === PAGE || news) continue;
      if (ENDED_STATES.includes(state)) return; // it had already ended: no event will follow
      const rung = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), HEARTBEAT_MS);
        wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
        if (news) wake();
      });
      if (!rung) yield ': still here\n\n';
    }
  } finally {
    stop();
    closing.removeEventListener('abort', ring);
  }
}

function ends({ body }: JobEvent): boolean {
  return body.type === 'state' && ENDED_STATES.includes(body.state);
}
