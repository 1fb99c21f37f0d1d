// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { onWake, openQueue } from '#queue/queue.js';
import { startRelay } from '#queue/relay.js';
import {
  advanceJob,
  claimJob,
  getJob,
  reapJobs,
  loseWorkerJobs,
  renewLease,
  requestCancel,
} from '#store/jobs.js';
import { recordHost } from '#store/builds.js';
import { listHosts, recordSameComparisons } from '#store/hosts.js';
import { jobsForEstimates } from '#store/active-jobs.js';
import { insertSamples } from '#store/samples.js';
import { claimNextJob } from '#store/claims.js';
import { reportWorker } from '#store/workers.js';
import { pollJobs } from '#worker/job/job-poller.js';
import { migrate } from '#store/migrate.js';
import { eventsAfter } from '#store/events.js';
import { noTelemetry } from '#telemetry/telemetry.js';
import { openStore, type Store } from '#store/store.js';
import { jobPlan } from '#support/job-plan.js';
import { newSampleOf } from '#support/sample.js';
import { acceptTestJob } from '#support/accepted-job.js';

const databaseUrl = process.env.TEST_DATABASE_URL!;
const redisUrl = process.env.TEST_REDIS_URL!;

let store: Store;
beforeAll(async () => {
  store = await openStore(databaseUrl);
});
afterAll(() => store.close());

const accept = (idempotencyKey?: string, requestDigest = 'digest') =>
  acceptTestJob(store, { idempotencyKey, requestDigest });

const sample = newSampleOf({ workload: 'port-io', wallNs: '9007199254740993' });

test('applying the migrations a second time changes nothing', async () => {
  expect(await migrate(databaseUrl, process.cwd())).toEqual([]);
});

test(
  "a host's A/A comparisons are recorded under the epoch that made them, again by a later " +
    'attempt, and count for 90 days',
  async () => {
    const digest = `sha256:${randomUUID()}`;
    await recordHost(store, {
      digest,
      cpuModel: 'cpu',
      cpuFlags: '',
      microcode: '',
      cores: 1,
      memoryBytes: 1,
      kernel: '',
      docker: '',
      runtime: '',
    });
    const job = await acceptTestJob(store, {
      access: { project: null, quota: null, scopes: ['admin'] },
    });
    const { epoch } = (await claimJob(store, job.id, 'w'))!;
    const compared = (variant: string, alarm: boolean) => ({
      workload: 'w',
      variant,
      hostFingerprint: digest,
      alarm,
    });

    await recordSameComparisons(store, job.id, epoch, [compared('none', true)]);
    await recordSameComparisons(store, job.id, epoch, [
      compared('none', false),
      compared('static', true),
    ]);

    await expect(
      recordSameComparisons(store, job.id, epoch - 1, [compared('none', true)]),
    ).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await listHosts(store, [digest])).toMatchObject([
      { digest, fingerprint: { cpuModel: 'cpu' }, alarms: { comparisons: 2, alarms: 1 } },
    ]);

    await store.pool.query(
      `UPDATE same_comparison SET recorded_at = now() - interval '90 days'
       WHERE job_id = $1 AND variant = 'static'`,
      [job.id],
    );
    expect(await listHosts(store, [digest])).toMatchObject([
      { alarms: { comparisons: 1, alarms: 0 } },
    ]);
  },
);

test('a job is claimed once, and a second claim returns nothing', async () => {
  const job = await accept();

  const claims = await Promise.all([claimJob(store, job.id, 'a'), claimJob(store, job.id, 'b')]);

  expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
});

test("a worker's write under an old epoch is refused", async () => {
  const job = await accept();
  const first = (await claimJob(store, job.id, 'gone'))!;
  await loseWorkerJobs(store, 'gone');
  const second = (await claimJob(store, job.id, 'new'))!;

  await expect(insertSamples(store, job.id, first.epoch, [sample])).rejects.toMatchObject({
    code: 'LEASE_LOST',
  });
  await expect(advanceJob(store, job.id, first.epoch, { type: 'measured' })).rejects.toMatchObject({
    code: 'LEASE_LOST',
  });
  expect(await renewLease(store, job.id, first.epoch)).toEqual({
    held: false,
    cancelRequested: false,
    overdue: false,
  });
  expect(await renewLease(store, job.id, second.epoch)).toEqual({
    held: true,
    cancelRequested: false,
    overdue: false,
  });
});

test('a job that measures until its comparisons are decided is estimated from its plan', async () => {
  const expected = { blocks: 20, seconds: 40, noiseSd: 0.05, hostFingerprint: 'h' };
  const measureSeconds = async (details: Parameters<typeof jobPlan>[0]) => {
    const { id } = await acceptTestJob(store, { plan: jobPlan(details) });
    const { active } = await jobsForEstimates(store);
    return active.find((job) => job.id === id)!.measureSeconds;
  };

  expect(await measureSeconds({ withinSeconds: 300, expected })).toBe(40);
  expect(await measureSeconds({ withinSeconds: 300, expected: null })).toBe(300);
  expect(await measureSeconds({ withinSeconds: null })).toBeNull();
});

test('a host is stored once, with all parts of its fingerprint', async () => {
  const host = {
    digest: `sha256:${'2'.repeat(64)}`,
    cpuModel: 'CPU',
    cpuFlags: 'f',
    microcode: '1',
    cores: 2,
    memoryBytes: 1,
    kernel: '6.1',
    docker: '20',
    runtime: '1',
    cpuset: '1',
    knobs: [{ name: 'smt' as const, value: null, status: 'skipped' as const, reason: 'why' }],
    environments: [{ base: 'b', runner: 'r', compiler: 'c' }],
  };
  await recordHost(store, host);
  await recordHost(store, host);

  expect(
    (await store.prisma.host.findMany({ where: { digest: host.digest } })).map(
      ({ fingerprint }) => fingerprint,
    ),
  ).toEqual([host]);
});

test('an idempotency key returns the same job, and refuses another request', async () => {
  const key = randomUUID();
  const first = await accept(key);

  expect((await accept(key)).id).toBe(first.id);
  await expect(accept(key, 'other')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
});

test('a queued job is cancelled at once, and an ended one cannot be cancelled', async () => {
  const job = await accept();

  expect((await requestCancel(store, job.id)).state).toBe('cancelled');
  await expect(requestCancel(store, job.id)).rejects.toMatchObject({ code: 'JOB_ENDED' });
  expect(
    (await eventsAfter(store, job.id, 0, 10)).map(
      ({ body }) => body.type === 'state' && body.state,
    ),
  ).toEqual(['queued', 'cancelled']);
});

test('an expired lease requeues the job', async () => {
  const job = await accept();
  await claimJob(store, job.id, 'slow');
  await store.pool.query("UPDATE job SET lease_until = now() - interval '1 second' WHERE id = $1", [
    job.id,
  ]);

  await reapJobs(store);

  expect((await getJob(store, job.id))!.state).toBe('queued');
});

test('an accepted job reaches a consumer, and a polling worker finds a job that Redis lost', async () => {
  const queue = await openQueue(redisUrl);
  let woken: () => void = () => undefined;
  const wakeUp = () => new Promise<void>((resolve) => (woken = resolve));
  const arrived = async () => woken();
  const consumer = await onWake(redisUrl, arrived);
  const stopRelay = await startRelay(store, queue, noTelemetry().log);
  let looking: { stop(): void } | null = null;
  try {
    const arrival = wakeUp();
    await accept();
    await arrival;

    const { Redis } = await import('ioredis');
    const redis = new Redis(redisUrl);
    await redis.flushall();
    redis.disconnect();
    await reportWorker(store, {
      id: 'looks',
      version: 't',
      hostFingerprint: null,
      cpuset: '0',
      cores: 1,
      role: 'both',
      labels: [],
      engine: 'looks',
      targets: ['x86_64-softmmu'],
      capabilities: [],
      knobs: [],
      jobId: null,
      startedAt: new Date(),
    });
    const again = wakeUp();
    looking = pollJobs(async () => {
      const found = await claimNextJob(store, 'looks', 'looks');
      if (found !== null) await arrived();
      return found !== null;
    }, 20);
    await again;
  } finally {
    looking?.stop();
    await store.pool.query("DELETE FROM worker WHERE id = 'looks'");
    await stopRelay();
    await consumer.close();
    await queue.close();
  }
}, 60_000);

test('a waiting job is announced once, even after a long time', async () => {
  const job = await accept();
  await store.pool.query(
    "UPDATE outbox SET sent_at = now() - interval '1 hour' WHERE job_id = $1",
    [job.id],
  );

  await reapJobs(store);

  expect(
    (await store.pool.query('SELECT 1 FROM outbox WHERE job_id = $1', [job.id])).rows,
  ).toHaveLength(1);
});
