// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { ExportQuery, MEDIA } from '#contract/format.js';
import { isSampleFormat, SAMPLE_WRITERS } from '#formats/formats.js';
import { streamSamples } from '#store/samples.js';
import { bulk } from '../bulk.js';
import type { Service } from '../service.js';
import { existingJob, JobParams } from './jobs.js';

export function exportRoutes(server: FastifyInstance, { store, compute }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const schema = {
    summary:
      'Results in the format of another tool; csv and ndjson hold every sample and are streamed',
    params: JobParams,
    querystring: ExportQuery,
  };
  typed.get('/v1/jobs/:id/export', { schema, config: bulk('download') }, async (request, reply) => {
    const { format } = request.query;
    const job = await existingJob(store, request.params.id);
    const { contentType, extension } = MEDIA[format];
    reply
      .header('content-type', contentType)
      .header('content-disposition', `attachment; filename="qibench-${job.id}.${extension}"`);
    if (!isSampleFormat(format)) return reply.send(await compute.report(job, format));
    const pieces = Readable.from(SAMPLE_WRITERS[format](job, streamSamples(store, job.id)));
    request.raw.once('close', () => pieces.destroy());
    return reply.send(pieces);
  });
}
