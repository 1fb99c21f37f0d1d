// SPDX-License-Identifier: GPL-2.0-or-later
import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ENDED_STATES, type Job } from '#contract/job.js';
import { LogPage, LogQuery, Sequence, type JobEvent } from '#contract/job-event.js';
import { QibenchError } from '#contract/error.js';
import { eventsAfter } from '#store/events.js';
import { logsAfter } from '#store/logs.js';
import { bulk, sendList } from '../bulk.js';
import { OpenRequests } from '../open-requests.js';
import type { Service } from '../service.js';
import { existingJob, JobParams } from './jobs.js';

const HEARTBEAT_MS = 15_000;
const PAGE = 200;
/** Open event streams of an account; each reads the store at every news of its job. */
const STREAMS_PER_ACCOUNT = 20;

export function jobStreamRoutes(server: FastifyInstance, service: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const { store } = service;
  // A client resumes after its last event, at another process or at the successor of this one.
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each open stream, which removes it at its end
  const streams = new OpenRequests({
    open: STREAMS_PER_ACCOUNT,
    waiting: 0,
    caller: ({ access }) => access.account,
    refused: (_, limit) =>
      new QibenchError('UNAVAILABLE', {
        what: 'an event stream',
        reason: `${limit} of the token are open`,
      }),
  });
  server.addHook('preClose', (done) => {
    closing.abort();
    done();
  });

  typed.get(
    '/v1/jobs/:id/logs',
    {
      schema: { params: JobParams, querystring: LogQuery, response: { 200: LogPage } },
      config: bulk('list'),
    },
    async (request, reply) => {
      const job = await existingJob(store, request.params.id);
      const chunks = await logsAfter(store, job.id, request.query.after, request.query.limit);
      return sendList(request, reply, 'chunks', [chunks], {
        next: chunks.at(-1)?.sequence ?? request.query.after,
        ended: ENDED_STATES.includes(job.state),
      });
    },
  );

  const stream = {
    summary: 'Server-sent events of a job until it ends, from the first or after Last-Event-ID',
    params: JobParams,
    headers: z.looseObject({ 'last-event-id': Sequence.optional() }),
  };
  typed.get('/v1/jobs/:id/events', { schema: stream }, async (request, reply) => {
    const job = await existingJob(store, request.params.id);
    await streams.enter(request, reply);
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
