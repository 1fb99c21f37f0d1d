import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { ExportQuery, MEDIA } from '../../contract/format.js';
import type { HostFingerprint } from '../../contract/host.js';
import type { Job } from '../../contract/job.js';
import type { WorkloadDefinition } from '../../contract/workload.js';
import { compareJob } from '../../domain/comparison.js';
import { measuredCells, measuresOf } from '../../domain/measures.js';
import { isSampleFormat, REPORT_WRITERS, SAMPLE_WRITERS } from '../../formats/formats.js';
import type { JobReport } from '../../formats/report.js';
import { listHosts } from '../../store/hosts.js';
import { listSamples, streamSamples } from '../../store/samples.js';
import type { Store } from '../../store/store.js';
import { reasonsAgainst } from '../advisory.js';
import type { Service } from '../server.js';
import { existingJob, JobParams } from './jobs.js';

export function exportRoutes(server: FastifyInstance, { store, knowledge }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const schema = { summary: 'Results in the format of another tool; csv and ndjson, which hold every sample, are streams', params: JobParams, querystring: ExportQuery };
  typed.get('/v1/jobs/:id/export', { schema }, async (request, reply) => {
    const { format } = request.query;
    const job = await existingJob(store, request.params.id);
    const { contentType, extension } = MEDIA[format];
    reply.header('content-type', contentType).header('content-disposition', `attachment; filename="qibench-${job.id}.${extension}"`);
    if (!isSampleFormat(format)) return reply.send(REPORT_WRITERS[format](await reportOf(store, job, knowledge.workloads)));
    const pieces = Readable.from(SAMPLE_WRITERS[format](job, streamSamples(store, job.id)));
    request.raw.once('close', () => pieces.destroy());
    return reply.send(pieces);
  });
}

async function reportOf(store: Store, job: Job, workloads: readonly WorkloadDefinition[]): Promise<JobReport> {
  const samples = await listSamples(store, job.id);
  const comparison = compareJob(job.id, job.plan, samples);
  const cells = measuredCells(job.plan, samples, { counted: await listSamples(store, job.id, 'instructions'), workloads });
  const [host = null] = await listHosts(store, comparison.hostFingerprints);
  return {
    job,
    host: (host?.fingerprint ?? null) as HostFingerprint | null,
    cells,
    measures: measuresOf(cells, comparison),
    comparison,
    advisoryReasons: await reasonsAgainst(store, comparison.hostFingerprints),
  };
}
