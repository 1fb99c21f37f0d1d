// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { QibenchError } from '#contract/error.js';
import { Upload } from '#contract/upload.js';
import {
  Chunk,
  ChunkQuestion,
  MissingChunks,
  WORKLOAD_LIMITS,
  WorkloadManifest,
} from '#contract/workload-upload.js';
import { knownChunks, saveChunk } from '#store/chunks.js';
import { BODY_LIMITS } from '../body.js';
import { OpenRequests } from '../open-requests.js';
import type { Service } from '../service.js';
import { acceptSource } from '../source-upload.js';
import { acceptWorkload, checkedChunk } from '../workload.js';

/** Requests of a project that are answered at a time, and requests that wait for these. */
const SENDING = { open: 2, waiting: 32 };

/** Routes that receive workloads and source trees: their chunks, then the list of their files. */
export function workloadRoutes(server: FastifyInstance, { store }: Service): void {
  // The chunks of a project wait for each other in the store, each with a connection that other
  // projects need.
  const sending = new OpenRequests({
    ...SENDING,
    caller: ({ access: { project, account } }) => project ?? account,
    refused: (_, limit) =>
      new QibenchError('UNAVAILABLE', {
        what: 'the upload of a workload',
        reason: `${limit} requests of the project are answered, and ${SENDING.waiting} wait`,
      }),
  });
  // Before the body is read, which takes memory.
  const onRequest = (request: FastifyRequest, reply: FastifyReply) => sending.enter(request, reply);
  const typed = server.withTypeProvider<ZodTypeProvider>();

  server.addContentTypeParser('application/gzip', { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  );
  typed.post(
    '/v1/chunks',
    {
      bodyLimit: WORKLOAD_LIMITS.packedChunkBytes,
      onRequest,
      schema: {
        summary:
          'Send a piece of a file of a workload or a source tree, of 1 MiB or the rest, as ' +
          'application/gzip; it is kept for a day, or as long as an upload names it',
        response: { 201: Chunk },
      },
    },
    async (request, reply) => {
      if (!Buffer.isBuffer(request.body))
        throw new QibenchError('BAD_CHUNK', {
          reason: 'send gzip, with content-type application/gzip',
        });
      const { bytes: _, ...chunk } = await checkedChunk(request.body);
      await saveChunk(store, chunk, request.body, request.access);
      return reply.status(201).send(chunk);
    },
  );

  typed.post(
    '/v1/chunks/missing',
    {
      bodyLimit: BODY_LIMITS.large,
      onRequest,
      schema: {
        summary: 'Ask which chunks the project has not sent yet',
        body: ChunkQuestion,
        response: { 200: MissingChunks },
      },
    },
    async ({ body: { digests }, access }) => {
      const known = await knownChunks(store, digests, access);
      return { missing: [...new Set(digests)].filter((digest) => !known.has(digest)) };
    },
  );

  typed.post(
    '/v1/workloads',
    {
      bodyLimit: BODY_LIMITS.large,
      onRequest,
      schema: {
        summary: 'Upload a workload: a folder with workload.yaml, whose chunks were sent',
        body: WorkloadManifest,
        response: { 201: Upload },
      },
    },
    async (request, reply) =>
      reply.status(201).send(await acceptWorkload(store, request.body, request.access)),
  );

  typed.post(
    '/v1/sources',
    {
      bodyLimit: BODY_LIMITS.large,
      onRequest,
      schema: {
        summary:
          'Upload a source tree of QEMU: a tar (plain, gzip, xz or zstd), whose chunks were sent',
        body: WorkloadManifest,
        response: { 201: Upload },
      },
    },
    async (request, reply) =>
      reply.status(201).send(await acceptSource(store, request.body, request.access)),
  );
}
