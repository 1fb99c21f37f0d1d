import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { QibenchError } from '../../contract/error.js';
import { RecordPage, Trace, TraceList } from '../../contract/trace.js';
import { HistogramQuery, RecordQuery, TraceEventList, TraceHistogram } from '../../contract/trace-query.js';
import type { Store } from '../../store/store.js';
import { readHistogram } from '../../store/trace-histogram.js';
import { readRecords } from '../../store/trace-records.js';
import { getTrace, listTraces, traceStatistics } from '../../store/traces.js';
import type { Service } from '../server.js';
import { existingJob } from './jobs.js';

export const TraceParams = z.object({ id: z.string().regex(/^\d{1,18}$/, 'a trace id: digits') });

export function traceRoutes(server: FastifyInstance, { store }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const list = { summary: 'Traces of a job', querystring: z.strictObject({ jobId: z.uuid() }), response: { 200: TraceList } };
  typed.get('/v1/traces', { schema: list }, async (request) => {
    const job = await existingJob(store, request.query.jobId);
    return { traces: await listTraces(store.pool, job.id) };
  });

  typed.get('/v1/traces/:id', { schema: { params: TraceParams, response: { 200: Trace } } }, (request) => existingTrace(store, request.params.id));

  const records = { summary: 'Records in the order of the file, by event, time and arguments', params: TraceParams, querystring: RecordQuery, response: { 200: RecordPage } };
  typed.get('/v1/traces/:id/records', { schema: records }, async (request) => {
    const trace = await traceWithRecords(store, request.params.id);
    return readRecords(store.pool, trace.id, request.query);
  });

  const histogram = { summary: 'Records per event and piece of time, at any zoom', params: TraceParams, querystring: HistogramQuery, response: { 200: TraceHistogram } };
  typed.get('/v1/traces/:id/histogram', { schema: histogram }, async (request) => {
    const trace = await existingTrace(store, request.params.id);
    return readHistogram(store.pool, trace, request.query);
  });

  const events = { summary: 'Statistics per event: counts, rates, times between records', params: TraceParams, response: { 200: TraceEventList } };
  typed.get('/v1/traces/:id/events', { schema: events }, async (request) => {
    const trace = await existingTrace(store, request.params.id);
    return { events: await traceStatistics(store.pool, trace.id) };
  });
}

/** Errors: NOT_FOUND. */
export async function existingTrace(store: Store, id: string): Promise<Trace> {
  const trace = await getTrace(store.pool, id);
  if (trace === null) throw new QibenchError('NOT_FOUND', { what: 'trace', id });
  return trace;
}

/** Errors: NOT_FOUND, TRACE_EXPIRED. */
export async function traceWithRecords(store: Store, id: string): Promise<Trace> {
  const trace = await existingTrace(store, id);
  if (trace.expiredAt !== null) throw new QibenchError('TRACE_EXPIRED', { id, at: trace.expiredAt });
  return trace;
}
