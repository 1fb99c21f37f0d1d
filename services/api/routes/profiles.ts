// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { QibenchError } from '#contract/error.js';
import { ExplanationList } from '#contract/explanation.js';
import { PROFILE_MEDIA } from '#contract/format.js';
import { Profile, ProfileExportQuery, ProfileList, ProfileQuery } from '#contract/profile.js';
import { VariantCodeList } from '#contract/machine-code.js';
import { shownVariant } from '#contract/side.js';
import { PROFILE_WRITERS } from '#formats/formats.js';
import { getProfile, listMachineCode, listProfiles, profileFile } from '#store/profiles.js';
import { bulk } from '../bulk.js';
import type { Service } from '../service.js';
import { existingJob, JobParams } from './jobs.js';

export function profileRoutes(server: FastifyInstance, { store, compute }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const list = {
    summary: 'Profiles of a job: where each variant spends its work, by part of the emulator',
    params: JobParams,
    response: { 200: ProfileList },
  };
  typed.get('/v1/jobs/:id/profiles', { schema: list, config: bulk('list') }, async (request) => {
    const job = await existingJob(store, request.params.id);
    return { profiles: await listProfiles(store, job.id) };
  });

  const code = {
    summary: 'Machine code of each variant: sizes, and hot functions with trace points',
    params: JobParams,
    response: { 200: VariantCodeList },
  };
  typed.get('/v1/jobs/:id/code', { schema: code, config: bulk('list') }, async (request) => {
    const job = await existingJob(store, request.params.id);
    return { variants: await listMachineCode(store, job.id) };
  });

  const why = {
    summary: 'Why costs differ: changes of the profiles by part and by function',
    params: JobParams,
    response: { 200: ExplanationList },
  };
  typed.get('/v1/jobs/:id/why', { schema: why }, async (request) =>
    compute.explain(await existingJob(store, request.params.id)),
  );

  const one = {
    summary: 'A profile with its functions and its call tree',
    params: JobParams,
    querystring: ProfileQuery,
    response: { 200: Profile },
  };
  typed.get('/v1/jobs/:id/profile', { schema: one, config: bulk('list') }, async (request) => {
    const job = await existingJob(store, request.params.id);
    return existing(job.id, request.query);
  });

  const exported = {
    summary: 'A profile in a format of other tools, or the file of the profiler itself',
    params: JobParams,
    querystring: ProfileExportQuery,
  };
  typed.get(
    '/v1/jobs/:id/profile/export',
    { schema: exported, config: bulk('download') },
    async (request, reply) => {
      const job = await existingJob(store, request.params.id);
      const { format, ...run } = request.query;
      const { contentType, extension } = PROFILE_MEDIA[format];
      return reply
        .header('content-type', contentType)
        .header('content-disposition', `attachment; filename="qibench-${job.id}.${extension}"`)
        .send(
          format === 'callgrind' ? await fileOf(job.id, run) : await written(job.id, run, format),
        );
    },
  );

  async function existing(id: string, run: ProfileQuery): Promise<Profile> {
    const profile = await getProfile(store, id, run);
    if (profile === null) throw missing('profile', run);
    return profile;
  }
  const written = async (id: string, run: ProfileQuery, format: keyof typeof PROFILE_WRITERS) =>
    PROFILE_WRITERS[format](await existing(id, run));
  async function fileOf(id: string, run: ProfileQuery): Promise<Buffer> {
    const content = await profileFile(store, id, run);
    if (content === null) throw missing('file of the profile', run);
    return content;
  }
}

function missing(what: string, { variant, side, workload }: ProfileQuery): QibenchError {
  return new QibenchError('NOT_FOUND', {
    what,
    id: `${workload} under ${shownVariant({ name: variant, side })}`,
  });
}
