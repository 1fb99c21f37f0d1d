// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BadgeQuery } from '#contract/badge.js';
import { Comparison, ComparisonQuery } from '#contract/comparison.js';
import { asQibenchError, QibenchError } from '#contract/error.js';
import type { Job } from '#contract/job.js';
import { MetricList } from '#contract/metric-list.js';
import { ReportedList } from '#contract/reported.js';
import { badgeSvg, comparisonBadge, emptyBadge, stateBadge, type Badge } from '#formats/badge.js';
import { projectOf } from '#store/ownership.js';
import { findJobByPrefix, shortPrefix } from '#store/short-links.js';
import { advisoryReasonsFor } from '../advisory.js';
import type { Service } from '../service.js';
import { existingJob, JobParams } from './jobs.js';

const ShortLinkParams = z.object({
  prefix: z
    .string()
    .regex(/^[0-9a-f]{8,32}$/, "the first digits of a job's id, at least eight, without hyphens"),
});

export function comparisonRoutes(server: FastifyInstance, service: Service): void {
  const { store, compute } = service;
  const typed = server.withTypeProvider<ZodTypeProvider>();

  typed.get(
    '/v1/jobs/:id/comparison',
    { schema: { params: JobParams, querystring: ComparisonQuery, response: { 200: Comparison } } },
    async (request) => {
      const job = await existingJob(store, request.params.id);
      const comparison = await compute.compare(job, request.query);
      const reasons = await advisoryReasonsFor(store, comparison.hostFingerprints);
      const here = `${request.protocol}://${request.host}${service.basePath}`;
      const link = `${here}/c/${await shortPrefix(store, job.id)}`;
      return {
        ...comparison,
        advisory: reasons.length > 0,
        advisoryReasons: reasons,
        reproduce: `./qibench job reproduce ${job.id} --from ${here}`,
        link,
      };
    },
  );

  const reported = {
    summary: "Metrics that the job's guests, instrumentations and plugins printed",
    params: JobParams,
    response: { 200: ReportedList },
  };
  typed.get('/v1/jobs/:id/reported', { schema: reported }, async (request) =>
    compute.reported(await existingJob(store, request.params.id)),
  );

  const metrics = {
    summary: 'Metrics for which the samples of a job have values',
    params: JobParams,
    response: { 200: MetricList },
  };
  typed.get('/v1/jobs/:id/metrics', { schema: metrics }, async (request) => ({
    metrics: await compute.metrics(await existingJob(store, request.params.id)),
  }));

  const badge = {
    summary: 'Result of a job as an SVG badge for a README',
    params: JobParams,
    querystring: BadgeQuery,
  };
  typed.get('/v1/jobs/:id/badge.svg', { schema: badge }, async (request, reply) => {
    const svg = badgeSvg(
      await badgeOf(service, await existingJob(store, request.params.id), request.query),
    );
    reply
      .header('content-type', 'image/svg+xml; charset=utf-8')
      .header('cache-control', 'no-cache');
    // Badges are embedded in pages of other origins.
    return reply.header('cross-origin-resource-policy', 'cross-origin').send(svg);
  });

  typed.get(
    '/c/:prefix',
    { schema: { summary: 'Short link to the comparison of a job', params: ShortLinkParams } },
    async (request, reply) => {
      const { prefix } = request.params;
      const id = await findJobByPrefix(store, prefix);
      const { project } = request.access;
      const hidden =
        id !== null && project !== null && (await projectOf(store, 'job', id)) !== project;
      if (id === null || hidden) throw new QibenchError('NOT_FOUND', { what: 'job', id: prefix });
      const query = /\?.*$/s.exec(request.url)?.[0] ?? '';
      return reply.redirect(`${service.basePath}/jobs/${id}/compare${query}`);
    },
  );
}

async function badgeOf(
  service: Service,
  job: Job,
  { metric, ...choice }: BadgeQuery,
): Promise<Badge> {
  if (job.state !== 'succeeded') return stateBadge(job.state);
  try {
    const comparison = await service.compute.compare(job, { metric, mixedHosts: false });
    return comparisonBadge(
      comparison,
      choice,
      (await advisoryReasonsFor(service.store, comparison.hostFingerprints)).length > 0,
    );
  } catch (error) {
    const { code } = asQibenchError(error);
    if (code === 'MIXED_HOSTS') return emptyBadge('mixed hosts');
    if (code === 'UNKNOWN_METRIC') return emptyBadge('unknown metric');
    throw error;
  }
}
