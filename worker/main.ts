// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TARGETS } from '#contract/qemu.js';
import { readSettings, secretsIn } from '#contract/settings.js';
import { readWorkloads } from '#catalogue/workloads.js';
import { onWake } from '#queue/queue.js';
import { claimNextJob } from '#store/claims.js';
import { loseWorkerJobs } from '#store/jobs.js';
import { takesWrites } from '#store/readiness.js';
import { openStore } from '#store/store.js';
import { Gauge } from '#telemetry/metrics.js';
import { endOnCrash } from '#telemetry/crash.js';
import { endOnSignal } from '#telemetry/ending.js';
import { openTelemetry, type Telemetry } from '#telemetry/telemetry.js';
import { backendWithRuntime } from './engine/runtime.js';
import { seccompProfiles } from './engine/seccomp.js';
import { runJob } from './job/job-runner.js';
import type { WorkerContext } from './job/worker-context.js';
import { capabilities } from './host/capabilities.js';
import { measuringCpuset, parseCpuList } from './host/cpuset.js';
import { lockFolderOfHost, lockHost } from './host/lock.js';
import { knobLine, preflight, PRIORITY } from './host/preflight.js';
import { FIFO_PRIORITY } from './host/priority.js';
import { startOrphanSweep } from './engine/orphan-sweeper.js';
import { pollJobs } from './job/job-poller.js';
import { startHeartbeat } from './job/heartbeat.js';
import { trackImageUse } from './engine/image-use.js';
import { diskBudget } from './engine/disk-budget.js';
import { waitForDisk } from './engine/disk-wait.js';
import { registrySettings } from './engine/registry-settings.js';
import { openImageRegistry } from './engine/image-registry.js';
import { observedBackend } from './engine/observed-engine.js';
import { roleAndLabels, WORKER_SETTINGS } from './settings.js';
import { serveOperator } from './telemetry/operator-server.js';
import { workerMetrics } from './telemetry/worker-metrics.js';

const atEnd = endOnSignal();
let opened: Telemetry | null = null;
endOnCrash(() => opened?.log ?? null);
const settings = readSettings(WORKER_SETTINGS, process.env);
const rootDir = settings.QIBENCH_ROOT ?? fileURLToPath(new URL('../..', import.meta.url));
const worker = settings.QIBENCH_WORKER ?? hostname();
const { version } = JSON.parse(await readFile(join(rootDir, 'package.json'), 'utf8')) as {
  version: string;
};
opened = await openTelemetry(
  settings,
  version,
  { part: 'worker', worker },
  secretsIn(WORKER_SETTINGS, process.env),
);
const telemetry = { ...opened, worker, counts: workerMetrics(opened.metrics) };
const { log } = telemetry;
const { role, labels } = roleAndLabels(settings);
const registry = registrySettings(settings);
const store = await openStore(settings.DATABASE_URL);
const lendsPerf = settings.QIBENCH_PERF;
const backend = trackImageUse(
  observedBackend(
    await backendWithRuntime(settings.QIBENCH_RUNTIME, seccompProfiles(rootDir, lendsPerf)),
    telemetry.counts,
  ),
  store,
);
// Knobs come first, because turning SMT off removes CPUs.
const tuned = new Set(settings.QIBENCH_TUNE);
const knobs = await preflight(tuned);
for (const knob of knobs) log.info({ knob }, knobLine(knob));
const lockFolder = lockFolderOfHost(settings.QIBENCH_LOCK_DIR);
const host = {
  knobs: () => preflight(tuned),
  cpuset: await measuringCpuset(settings.QIBENCH_CPUSET),
  fifoPriority: tuned.has(PRIORITY) ? FIFO_PRIORITY : null,
  lockFolder,
};
log.info({ cpuset: host.cpuset, lockFolder }, 'runs pinned');
await loseWorkerJobs(store, worker);
const heartbeat = await startHeartbeat(store, {
  id: worker,
  version,
  cpuset: host.cpuset,
  cores: parseCpuList(host.cpuset)!.length,
  role,
  labels,
  targets: TARGETS,
  capabilities: await capabilities({ perf: lendsPerf, recorders: settings.QIBENCH_RECORDERS }),
  knobs,
});

const shutdown = new AbortController();
const disk = diskBudget(
  store,
  backend,
  {
    budgetBytes: settings.QIBENCH_DISK_BUDGET_BYTES,
    freeMinBytes: settings.QIBENCH_DISK_FREE_MIN_BYTES,
  },
  async (work) => {
    await using _host = await lockHost(lockFolder, 'build', shutdown.signal, () =>
      heartbeat.update({ notReady: 'eviction of cached images waits for a measuring job' }),
    );
    return work();
  },
);
const workloads = await readWorkloads(rootDir);
const sharing =
  registry === null ? null : openImageRegistry(store, registry, log, telemetry.counts);
const context: WorkerContext = {
  store,
  backend,
  rootDir,
  worker,
  role,
  sharing,
  host,
  workloads,
  sourceHosts: settings.QIBENCH_SOURCE_HOSTS,
  heartbeat,
  disk,
  telemetry,
  traceMaxBytes: settings.QIBENCH_TRACE_MAX_BYTES,
  jobLimitMs: settings.QIBENCH_JOB_LIMIT_SECONDS * 1_000,
  shutdown: shutdown.signal,
};
const { look, stop: stopPolling } = pollJobs(async () => {
  if (shutdown.signal.aborted || !(await waitForDisk(disk, heartbeat, log, shutdown.signal)))
    return false; // the reaper announces the job again
  const claim = async () => {
    const { id: engine } = await backend.engine();
    heartbeat.update({ engine });
    return claimNextJob(store, worker, engine);
  };
  return runJob(context, claim).catch(async (error: unknown) => {
    log.error({ err: error }, 'job handling failed');
    await loseHeld();
    return false;
  });
});
const consuming = await onWake(settings.REDIS_URL, look);
const stopSweep = startOrphanSweep(store, backend, (error) =>
  log.error({ err: error }, 'sweep of leftovers failed'),
);
new Gauge({
  name: 'qibench_worker_heartbeat_age_seconds',
  help: 'Seconds since the last successful heartbeat of the worker',
  registers: [telemetry.metrics],
  collect() {
    this.set(heartbeat.silentSeconds());
  },
});
const operator =
  settings.QIBENCH_METRICS_PORT === null
    ? null
    : await serveOperator(
        {
          host: settings.QIBENCH_METRICS_HOST,
          port: settings.QIBENCH_METRICS_PORT,
          version,
        },
        telemetry.metrics,
        {
          docker: async () => ((await backend.version()) ? null : 'does not answer'),
          postgres: async () => ((await takesWrites(store)) ? null : 'takes no writes'),
          heartbeat: async () =>
            heartbeat.silentSeconds() < 30
              ? null
              : `the last heartbeat was ${Math.round(heartbeat.silentSeconds())} s ago`,
        },
      );
log.info({ version, metricsUrl: operator?.url }, 'worker started');
atEnd(stop);
process.send?.({ url: operator?.url }); // to the process that supervises this one

/**
 * Returns this worker's leased jobs to the queue. It runs no job now, but the database may have
 * recorded a claim whose answer was lost.
 */
async function loseHeld(): Promise<void> {
  while (!shutdown.signal.aborted) {
    const lost = await loseWorkerJobs(store, worker).catch(() => null);
    if (lost !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

async function stop(): Promise<void> {
  shutdown.abort(new Error('the worker is stopping'));
  stopPolling();
  await consuming.close();
  await stopSweep();
  await heartbeat.stop();
  await operator?.close();
  await store.close();
  await telemetry.spans.close();
}
