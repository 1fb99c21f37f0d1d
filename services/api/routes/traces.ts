// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import { RecordPage, Trace, TraceList } from '#contract/trace.js';
import {
  GapQuery,
  HistogramQuery,
  RecordQuery,
  TRACE_MEDIA,
  TraceComparison,
  TraceComparisonQuery,
  TraceEventList,
  TraceExportQuery,
  TraceGaps,
  TraceHistogram,
} from '#contract/trace-query.js';
import { TRACE_WRITERS } from '#formats/formats.js';
import type { Store } from '#store/store.js';
import { compareTraces } from '#store/trace-comparison.js';
import { readHistogram } from '#store/trace-histogram.js';
import { rawFile } from '#store/trace-raw.js';
import { checkSelection, readRecords, streamRecords } from '#store/trace-records.js';
import { getTrace, readTraces, traceEventsFile, traceStatistics } from '#store/traces.js';
import { bulk, sendList } from '../bulk.js';
import type { Service } from '../service.js';
import { existingJob } from './jobs.js';

const TraceParams = z.object({ id: z.string().regex(/^\d{1,18}$/, 'a trace id: digits') });

export function traceRoutes(server: FastifyInstance, { store, compute }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const list = {
    summary: 'Traces of a job',
    querystring: z.strictObject({ jobId: z.uuid('a job id: a UUID') }),
    response: { 200: TraceList },
  };
  typed.get('/v1/traces', { schema: list, config: bulk('list') }, async (request, reply) => {
    const job = await existingJob(store, request.query.jobId);
    return sendList(request, reply, 'traces', readTraces(store.pool, job.id));
  });

  typed.get(
    '/v1/traces/:id',
    { schema: { params: TraceParams, response: { 200: Trace } } },
    (request) => existingTrace(store, request.params.id),
  );

  const records = {
    summary: 'Records in file order, filtered by event, time and arguments',
    params: TraceParams,
    querystring: RecordQuery,
    response: { 200: RecordPage },
  };
  typed.get(
    '/v1/traces/:id/records',
    { schema: records, config: bulk('trace') },
    async (request) => {
      const trace = await traceWithRecords(store, request.params.id);
      return readRecords(store.pool, trace.id, request.query);
    },
  );

  const histogram = {
    summary: 'Records per event and time interval, at any zoom level',
    params: TraceParams,
    querystring: HistogramQuery,
    response: { 200: TraceHistogram },
  };
  typed.get(
    '/v1/traces/:id/histogram',
    { schema: histogram, config: bulk('trace') },
    async (request) => {
      const trace = await traceWithSummary(store, request.params.id);
      return readHistogram(store.pool, trace, request.query);
    },
  );

  const events = {
    summary: 'Statistics per event: counts, rates, times between records',
    params: TraceParams,
    response: { 200: TraceEventList },
  };
  typed.get('/v1/traces/:id/events', { schema: events, config: bulk('trace') }, async (request) => {
    const trace = await traceWithSummary(store, request.params.id);
    return { events: await traceStatistics(store.pool, trace.id) };
  });

  const gaps = {
    summary: 'The longest times between records of one pid, in the stored records',
    params: TraceParams,
    querystring: GapQuery,
    response: { 200: TraceGaps },
  };
  typed.get('/v1/traces/:id/gaps', { schema: gaps }, async (request) => {
    const trace = await traceWithRecords(store, request.params.id);
    return compute.gaps(await existingJob(store, trace.jobId), trace.id, request.query);
  });

  const compare = {
    summary: 'Two traces: counts per event, and the first record at which they differ',
    querystring: TraceComparisonQuery,
    response: { 200: TraceComparison },
  };
  typed.get('/v1/traces/compare', { schema: compare, config: bulk('trace') }, async (request) => {
    const { a, b, ignore = [], after = 0n } = request.query;
    return compareTraces(
      store.pool,
      await traceWithRecords(store, a),
      await traceWithRecords(store, b),
      { ignore, compared: after },
    );
  });

  downloadRoutes(server, store);
}

function downloadRoutes(server: FastifyInstance, store: Store): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const exported = {
    summary: 'Records in another format, as a stream; chrome opens in Perfetto',
    params: TraceParams,
    querystring: TraceExportQuery,
  };
  typed.get(
    '/v1/traces/:id/export',
    { schema: exported, config: bulk('download') },
    async (request, reply) => {
      const { format, ...selection } = request.query;
      const trace = await traceWithRecords(store, request.params.id);
      await checkSelection(store.pool, trace.id, selection);
      const { contentType, extension } = TRACE_MEDIA[format];
      return sendPieces(
        request,
        reply,
        { contentType, fileName: `qibench-trace-${trace.id}.${extension}` },
        TRACE_WRITERS[format](trace, streamRecords(store.pool, trace.id, selection)),
      );
    },
  );

  const raw = { summary: 'The trace file as QEMU wrote it, up to rawBytes', params: TraceParams };
  typed.get(
    '/v1/traces/:id/raw',
    { schema: raw, config: bulk('download') },
    async (request, reply) => {
      const trace = await traceWithRecords(store, request.params.id);
      return sendPieces(
        request,
        reply,
        { contentType: 'application/octet-stream', fileName: `qibench-trace-${trace.id}.simple` },
        rawFile(store.pool, trace.id),
      );
    },
  );

  const events = {
    summary: 'trace-events-all of the build that wrote the trace',
    params: TraceParams,
  };
  typed.get(
    '/v1/traces/:id/events-file',
    { schema: events, config: bulk('trace') },
    async (request, reply) => {
      const trace = await traceWithSummary(store, request.params.id);
      reply
        .header('content-type', 'text/plain; charset=utf-8')
        .header(
          'content-disposition',
          `attachment; filename="qibench-trace-${trace.id}.trace-events-all"`,
        );
      return reply.send(await traceEventsFile(store.pool, trace.id));
    },
  );
}

/** Sends a stream as a file, and stops it when the client disconnects. */
function sendPieces(
  request: FastifyRequest,
  reply: FastifyReply,
  { contentType, fileName }: { contentType: string; fileName: string },
  source: AsyncIterable<string | Uint8Array>,
): FastifyReply {
  const pieces = Readable.from(source);
  request.raw.once('close', () => pieces.destroy());
  return reply
    .header('content-type', contentType)
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .send(pieces);
}

/**
 * Returns a trace.
 * @throws {NOT_FOUND} The id is unknown.
 */
async function existingTrace(store: Store, id: string): Promise<Trace> {
  const trace = await getTrace(store.pool, id);
  if (trace === null) throw new QibenchError('NOT_FOUND', { what: 'trace', id });
  return trace;
}

/**
 * Returns a trace whose records are stored.
 * @throws {NOT_FOUND} The id is unknown.
 * @throws {TRACE_EXPIRED} The records have been removed.
 */
async function traceWithRecords(store: Store, id: string): Promise<Trace> {
  const trace = await existingTrace(store, id);
  if (trace.expiredAt !== null)
    throw new QibenchError('TRACE_EXPIRED', { id, at: trace.expiredAt });
  return trace;
}

/**
 * Returns a trace whose histogram and statistics are stored.
 * @throws {NOT_FOUND} The id is unknown.
 * @throws {TRACE_SUMMARY_EXPIRED} They have been removed.
 */
async function traceWithSummary(store: Store, id: string): Promise<Trace> {
  const trace = await existingTrace(store, id);
  if (trace.storedBytes === '0') throw new QibenchError('TRACE_SUMMARY_EXPIRED', { id });
  return trace;
}
