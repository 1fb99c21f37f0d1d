import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readWorkloads } from '../services/knowledge/workloads.js';
import { consume } from '../services/queue/queue.js';
import { recordHost } from '../services/store/builds.js';
import { loseWorkerJobs } from '../services/store/jobs.js';
import { openStore } from '../services/store/store.js';
import { dockerBackend } from './backend/docker.js';
import { handleJob } from './consumer.js';
import { fingerprintHost } from './host/fingerprint.js';

const rootDir = process.env.QIBENCH_ROOT ?? fileURLToPath(new URL('../..', import.meta.url));
const worker = process.env.QIBENCH_WORKER ?? hostname();
const store = await openStore(process.env.DATABASE_URL!);
const backend = dockerBackend();
const host = await fingerprintHost(backend);
await recordHost(store, host);
await loseWorkerJobs(store, worker);

const shutdown = new AbortController();
const workloads = await readWorkloads(rootDir);
const consumer = { store, backend, rootDir, worker, host, workloads, shutdown: shutdown.signal };
const consuming = consume(process.env.REDIS_URL!, async (jobId) => {
  await handleJob(consumer, jobId).catch((error: unknown) => console.error(`job ${jobId}:`, error));
});
console.log(`worker ${worker} is waiting for jobs`);

async function stop(): Promise<void> {
  shutdown.abort(new Error('the worker is stopping'));
  await consuming.close();
  await store.close();
  process.exit(0);
}
// disconnect: the service that supervises this process is gone
let stopping: Promise<void> | null = null;
for (const reason of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(reason, () => void (stopping ??= stop()));
