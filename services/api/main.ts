import { fileURLToPath } from 'node:url';
import { numberSetting } from '../contract/setting.js';
import { startApi } from './start.js';

const api = await startApi({
  databaseUrl: process.env.DATABASE_URL!,
  redisUrl: process.env.REDIS_URL!,
  rootDir: process.env.QIBENCH_ROOT ?? fileURLToPath(new URL('../../..', import.meta.url)),
  host: process.env.QIBENCH_HOST ?? '127.0.0.1',
  port: Number(process.env.QIBENCH_PORT ?? 7171),
  traceLimits: {
    days: numberSetting('QIBENCH_TRACE_DAYS', process.env.QIBENCH_TRACE_DAYS, 90),
    totalBytes: numberSetting('QIBENCH_TRACE_TOTAL_BYTES', process.env.QIBENCH_TRACE_TOTAL_BYTES, 20 * 1024 ** 3),
  },
});
console.log(`qibench API at ${api.url}`);

// disconnect: the service that supervises this process is gone
let closing: Promise<void> | null = null;
for (const reason of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(reason, () => void (closing ??= api.close().then(() => process.exit(0))));
