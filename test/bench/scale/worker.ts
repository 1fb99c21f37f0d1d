// SPDX-License-Identifier: GPL-2.0-or-later
// A worker of `npm run bench:scale`: a full worker with a fake engine and its own Docker lock, as
// real hosts have one of each per worker. It prints one line to its parent when it polls for jobs,
// and at SIGTERM another with its peak memory.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimNextJob } from '#store/claims.js';
import { openStore } from '#store/store.js';
import { onWake } from '#queue/queue.js';
import { runJob } from '#worker/job/job-runner.js';
import { pollJobs } from '#worker/job/job-poller.js';
import { startHeartbeat } from '#worker/job/heartbeat.js';
import { fakeBackend } from '#support/fake-backend.js';
import { fakeWorker, PORT_IO_STATUS } from '#support/fake-worker.js';

const name = process.argv[2]!;
const store = await openStore(process.env.DATABASE_URL!);
const backend = {
  ...fakeBackend({ exitStatus: PORT_IO_STATUS }),
  engine: async () => ({ id: name, dataFolder: '/' }),
};
const lockFolder = mkdtempSync(join(tmpdir(), 'qibench-bench-lock-'));
const heartbeat = await startHeartbeat(store, {
  id: name,
  version: 'bench',
  cpuset: '0',
  cores: 1,
  role: 'both',
  labels: [],
  targets: ['x86_64-softmmu'],
  capabilities: [],
  knobs: [],
});
const shutdown = new AbortController();
const host = { cpuset: '0', fifoPriority: null, knobs: async () => [], lockFolder };
const consumer = fakeWorker(store, backend, {
  worker: name,
  host,
  heartbeat,
  shutdown: shutdown.signal,
});
const { look, stop: stopPolling } = pollJobs(async () =>
  runJob(consumer, () => claimNextJob(store, name, name)),
);
const consuming = await onWake(process.env.REDIS_URL!, look);
process.stdout.write('looks\n');

process.once(
  'SIGTERM',
  () =>
    void (async () => {
      shutdown.abort(new Error('the benchmark is over'));
      stopPolling();
      await consuming.close();
      await heartbeat.stop();
      await store.close();
      rmSync(lockFolder, { recursive: true, force: true });
      process.stdout.write(
        `peak ${/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]}\n`,
      );
      process.exit(0);
    })(),
);
