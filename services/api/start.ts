// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { listenError } from '#telemetry/listen-error.js';
import { readCatalogue } from '#catalogue/catalogue.js';
import { openQueue } from '#queue/queue.js';
import { startReaper, startRelay } from '#queue/relay.js';
import { startRetention, type RetentionLimits } from '#queue/retention.js';
import { listen } from '#store/listen.js';
import { neededMigrations } from '#store/readiness.js';
import { JOB_CHANNEL, openStore } from '#store/store.js';
import { closeServer } from './close.js';
import { Compute } from './compute/compute.js';
import { makeFirstToken } from './auth/issue.js';
import type { Telemetry } from '#telemetry/telemetry.js';
import { buildServer } from './server.js';
import { checkOpen, type AccessSettings } from './settings.js';
import { startDeliveries } from './webhook/deliveries.js';
import type { WebhookSettings } from './webhook/settings.js';

export interface ApiConfig {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly rootDir: string;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly basePath: string;
  readonly retention: RetentionLimits;
  readonly access: AccessSettings;
  readonly webhook: WebhookSettings | null;
  readonly telemetry: Telemetry;
}

/** @throws {BAD_SETTING} The address or the port cannot be used. */
async function listening(server: FastifyInstance, config: ApiConfig): Promise<string> {
  const { host, port } = config;
  return server.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    throw listenError(error, {
      host: { setting: 'QIBENCH_HOST', value: host },
      port: { setting: 'QIBENCH_PORT', value: port },
    });
  });
}

/**
 * Starts the API with its relay, reaper and retention.
 * @returns `firstToken` is a new administrator token; null if one existed or the service is open.
 * @throws {BAD_SETTING} A service without authentication would be reachable by others.
 */
export async function startApi(
  config: ApiConfig,
): Promise<{ url: string; firstToken: string | null; close(): Promise<void> }> {
  await checkOpen(config.access, config.host);
  const { telemetry, version } = config;
  const catalogue = await readCatalogue(config.rootDir);
  const store = await openStore(config.databaseUrl);
  const compute = new Compute(store, catalogue.workloads);
  const queue = await openQueue(config.redisUrl);

  const listeners = new Map<string, Set<() => void>>();
  const unlisten = await listen(store, JOB_CHANNEL, (jobId) => {
    const woken = jobId === '' ? [...listeners.values()] : [listeners.get(jobId) ?? new Set()];
    for (const callbacks of woken) for (const callback of callbacks) callback();
  });
  const onJobNews = (jobId: string, callback: () => void) => {
    const callbacks = listeners.get(jobId) ?? new Set();
    listeners.set(jobId, callbacks.add(callback));
    return () => {
      callbacks.delete(callback);
      if (callbacks.size === 0) listeners.delete(jobId);
    };
  };

  const migrations = await neededMigrations(config.rootDir);
  const service = {
    store,
    compute,
    catalogue,
    queueHealthy: () => queue.healthy(),
    version,
    telemetry,
    migrations,
    accessSettings: config.access,
    basePath: config.basePath,
    traceLimits: config.retention.traces,
    dashboardDir: join(config.rootDir, 'dist/dashboard'),
    onJobNews,
    webhook: config.webhook,
  };
  const server = await buildServer(service);
  const stopRelay = await startRelay(store, queue, telemetry.log);
  const stopReaper = startReaper(store, telemetry.log);
  const stopRetention = startRetention(
    store,
    config.retention,
    (project) => compute.ingestJobs(project),
    telemetry,
  );
  const stopDeliveries =
    config.webhook === null
      ? () => Promise.resolve()
      : await startDeliveries(service, config.webhook, telemetry.log);
  const url = await listening(server, config);
  const firstToken = config.access.openOnLoopback ? null : await makeFirstToken(store);
  return {
    url,
    firstToken,
    async close() {
      await closeServer(server);
      await stopDeliveries();
      const retentionStops = stopRetention();
      await compute.close();
      await stopRelay();
      await stopReaper();
      await retentionStops;
      await unlisten();
      await queue.close();
      await store.close();
      await telemetry.spans.close();
    },
  };
}
