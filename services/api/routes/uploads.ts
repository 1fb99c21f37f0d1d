// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import { Digest, Upload, UPLOAD_LIMITS } from '#contract/upload.js';
import { findUpload, saveUpload } from '#store/uploads.js';
import { cleanArchive } from '../archive.js';
import type { Service } from '../service.js';

export function uploadRoutes(server: FastifyInstance, { store }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  server.addContentTypeParser('application/x-tar', { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  );
  typed.post(
    '/v1/uploads',
    {
      bodyLimit: UPLOAD_LIMITS.packedBytes,
      schema: {
        summary:
          'Upload an instrumentation, a plugin or a patch series: ' +
          'a tar of its folder, as application/x-tar',
        response: { 201: Upload },
      },
    },
    async (request, reply) => {
      if (!Buffer.isBuffer(request.body))
        throw new QibenchError('BAD_ARCHIVE', {
          reason: 'send a tar, with content-type application/x-tar',
        });
      return reply
        .status(201)
        .send(await saveUpload(store, await cleanArchive(request.body), request.access));
    },
  );

  typed.get(
    '/v1/uploads/:digest',
    { schema: { params: z.object({ digest: Digest }), response: { 200: Upload } } },
    async (request) => {
      const { digest } = request.params;
      const upload = await findUpload(store, digest);
      if (upload === null) throw new QibenchError('NOT_FOUND', { what: 'upload', id: digest });
      return upload;
    },
  );
}
