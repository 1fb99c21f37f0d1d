import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readKnowledge } from '../knowledge/knowledge.js';
import { openQueue } from '../queue/queue.js';
import { startReaper, startRelay } from '../queue/relay.js';
import { listen } from '../store/listen.js';
import { JOB_CHANNEL, openStore } from '../store/store.js';
import { buildServer } from './server.js';
import { startReporter } from './webhook/report.js';
import type { WebhookSettings } from './webhook/settings.js';

export interface ApiConfig {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly rootDir: string;
  readonly host: string;
  readonly port: number;
  readonly webhook: WebhookSettings | null;
}

/** Start the API with its relay and reaper. */
export async function startApi(config: ApiConfig): Promise<{ url: string; close(): Promise<void> }> {
  const { version } = JSON.parse(await readFile(join(config.rootDir, 'package.json'), 'utf8')) as { version: string };
  const knowledge = await readKnowledge(config.rootDir);
  const store = await openStore(config.databaseUrl);
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

  const service = { store, knowledge, queueHealthy: () => queue.healthy(), version, dashboardDir: join(config.rootDir, 'dist/services/dashboard'), onJobNews, webhook: config.webhook };
  const server = await buildServer(service);
  const onError = (error: unknown) => server.log.error(error);
  const stopRelay = await startRelay(store, queue, onError);
  const stopReaper = startReaper(store, onError);
  const stopReporter = config.webhook === null ? () => Promise.resolve() : startReporter(service, config.webhook, onError);
  const url = await server.listen({ host: config.host, port: config.port });
  return {
    url,
    async close() {
      await server.close();
      await stopRelay();
      await stopReaper();
      await stopReporter();
      await unlisten();
      await queue.close();
      await store.close();
    },
  };
}
