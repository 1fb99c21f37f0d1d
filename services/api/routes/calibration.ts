import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { HostList } from '../../contract/host.js';
import { calibrate } from '../../domain/calibration.js';
import { listHosts } from '../../store/hosts.js';
import type { Service } from '../server.js';

export function calibrationRoutes(server: FastifyInstance, { store }: Service): void {
  const list = { summary: 'Hosts that measured, and how often each called a difference in A/A jobs', response: { 200: HostList } };
  server.withTypeProvider<ZodTypeProvider>().get('/v1/hosts', { schema: list }, async () => ({
    hosts: (await listHosts(store)).map(({ pValues, ...host }) => ({ ...host, ...calibrate(pValues) })),
  }));
}
