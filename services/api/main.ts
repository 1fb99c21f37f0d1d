import { fileURLToPath } from 'node:url';
import { startApi } from './start.js';
import { readWebhookSettings } from './webhook/settings.js';

const api = await startApi({
  databaseUrl: process.env.DATABASE_URL!,
  redisUrl: process.env.REDIS_URL!,
  rootDir: process.env.QIBENCH_ROOT ?? fileURLToPath(new URL('../../..', import.meta.url)),
  host: process.env.QIBENCH_HOST ?? '127.0.0.1',
  port: Number(process.env.QIBENCH_PORT ?? 7171),
  webhook: readWebhookSettings(process.env),
});
console.log(`qibench API at ${api.url}`);

// disconnect: the service that supervises this process is gone
let closing: Promise<void> | null = null;
for (const reason of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(reason, () => void (closing ??= api.close().then(() => process.exit(0))));
