import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { QibenchError } from '../../contract/error.js';
import { RecordPage, Trace } from '../../contract/trace.js';
import { RecordQuery } from '../../contract/trace-query.js';
import { readRecords } from '../../store/trace-records.js';
import { getTrace } from '../../store/traces.js';
import type { Service } from '../server.js';

const TraceParams = z.object({ id: z.string().regex(/^\d{1,18}$/, 'a trace id: digits') });

export function traceRoutes(server: FastifyInstance, { store }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  async function existingTrace(id: string): Promise<Trace> {
    const trace = await getTrace(store.pool, id);
    if (trace === null) throw new QibenchError('NOT_FOUND', { what: 'trace', id });
    return trace;
  }

  typed.get('/v1/traces/:id', { schema: { params: TraceParams, response: { 200: Trace } } }, (request) => existingTrace(request.params.id));
  typed.get('/v1/traces/:id/records', { schema: { params: TraceParams, querystring: RecordQuery, response: { 200: RecordPage } } }, async (request) => {
    await existingTrace(request.params.id);
    return readRecords(store.pool, request.params.id, request.query);
  });
}
