// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import { HostList, NoiseList, NoiseQuery, VoidedEvidence } from '#contract/host.js';
import { WorkerList } from '#contract/worker.js';
import { calibrate } from '#domain/calibration.js';
import { noiseShares } from '#domain/noise-shares.js';
import { listHosts, noiseOfHost, voidEvidence } from '#store/hosts.js';
import { listWorkers } from '#store/workers.js';
import { bulk } from '../bulk.js';
import type { Service } from '../service.js';

const HostParams = z.object({ digest: z.string().max(200) });

export function hostRoutes(server: FastifyInstance, { store }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const list = {
    summary: 'Hosts that measured, with their rate of false alarms in A/A jobs',
    response: { 200: HostList },
  };
  typed.get('/v1/hosts', { schema: list, config: bulk('overview') }, async () => ({
    hosts: (await listHosts(store)).map(({ alarms, ...host }) => ({
      ...host,
      ...calibrate(alarms),
    })),
  }));

  const noise = {
    summary: 'Noise on a host during its newest runs',
    params: HostParams,
    querystring: NoiseQuery,
    response: { 200: NoiseList },
  };
  typed.get(
    '/v1/hosts/:digest/noise',
    { schema: noise, config: bulk('overview') },
    async ({ params: { digest }, query: { limit } }) => {
      if ((await listHosts(store, [digest])).length === 0)
        throw new QibenchError('NOT_FOUND', { what: 'host', id: digest });
      return { samples: (await noiseOfHost(store, digest, limit)).map(noiseShares) };
    },
  );

  const evidence = {
    summary: 'Remove the A/A comparisons that count for a host',
    params: HostParams,
    response: { 200: VoidedEvidence },
  };
  typed.delete(
    '/v1/hosts/:digest/evidence',
    { schema: evidence },
    async ({ params: { digest } }) => ({ comparisons: await voidEvidence(store, digest) }),
  );

  const workers = {
    summary: 'Workers seen within a day, with the current job of each',
    response: { 200: WorkerList },
  };
  typed.get('/v1/workers', { schema: workers }, async () => ({
    workers: await listWorkers(store),
  }));
}
