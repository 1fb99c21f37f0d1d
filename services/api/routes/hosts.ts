import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { QibenchError } from '../../contract/error.js';
import { HostFingerprint } from '../../contract/host.js';
import { Digest } from '../../contract/upload.js';
import { findHost } from '../../store/builds.js';
import type { Service } from '../server.js';

export function hostRoutes(server: FastifyInstance, { store }: Service): void {
  const schema = { summary: 'What a fingerprint is of', params: z.object({ digest: Digest }), response: { 200: HostFingerprint } };
  server.withTypeProvider<ZodTypeProvider>().get('/v1/hosts/:digest', { schema }, async (request) => {
    const { digest } = request.params;
    const host = await findHost(store, digest);
    if (host === null) throw new QibenchError('NOT_FOUND', { what: 'host', id: digest });
    return host;
  });
}
