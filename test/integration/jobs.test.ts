import { randomUUID } from 'node:crypto';
import type { HostFingerprint } from '#contract/host.js';
import type { JobRequest } from '#contract/job.js';
import { onWake, openQueue } from '#queue/queue.js';
import { startRelay } from '#queue/relay.js';
import {
  acceptJob,
  advanceJob,
  claimJob,
  getJob,
  reapJobs,
  loseWorkerJobs,
  renewLease,
  requestCancel,
} from '#store/jobs.js';
import { listBuilds, recordHost } from '#store/builds.js';
import {
  listHosts,
  newestGuestNoise,
  recordGuestNoise,
  recordSameComparisons,
} from '#store/hosts.js';
import { jobsForEstimates } from '#store/active-jobs.js';
import { discardBlock, insertSamples, listSamples } from '#store/samples.js';
import { claimNextJob } from '#store/claims.js';
import { reportWorker } from '#store/workers.js';
import { pollJobs } from '#worker/job/job-poller.js';
import { migrate } from '#store/migrate.js';
import { eventsAfter } from '#store/events.js';
import { noTelemetry } from '#telemetry/telemetry.js';
import { openStore, type Store } from '#store/store.js';
import { jobPlan } from '#support/job-plan.js';
import { newSampleOf } from '#support/sample.js';

const databaseUrl = process.env.TEST_DATABASE_URL!;
const redisUrl = process.env.TEST_REDIS_URL!;
const request = {
  name: 'test',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['exec_tb'],
  variants: ['none'],
  workloads: [{ name: 'port-io', parameters: {} }],
  blocks: 6,
} as unknown as JobRequest;
const plan = jobPlan({ events: ['exec_tb'], variants: [], workloads: [] });

let store: Store;
beforeAll(async () => {
  store = await openStore(databaseUrl);
});
afterAll(() => store.close());

async function accept(idempotencyKey?: string, requestDigest = 'digest') {
  return (await acceptJob(store, { request, plan, requestDigest, idempotencyKey })).job;
}

const sample = newSampleOf({ workload: 'port-io', wallNs: '9007199254740993' });

test('applying the migrations a second time changes nothing', async () => {
  expect(await migrate(databaseUrl, process.cwd())).toEqual([]);
});

test("a job's plan from before plugins is read with defaults for its missing fields", async () => {
  const { id } = await accept();
  const stored = {
    ...plan,
    variants: [{ name: 'none', mode: 'none', backend: null, trace: false }],
  };
  await store.pool.query('UPDATE job SET plan = $2 WHERE id = $1', [id, JSON.stringify(stored)]);

  expect((await claimJob(store, id, 'w'))!.plan.variants).toEqual([
    {
      name: 'none',
      side: 'head',
      mode: 'none',
      backend: null,
      plugin: null,
      arguments: [],
      trace: false,
    },
  ]);
});

test('a sample belongs to a side and a batch, and has a unique place in its block', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  await insertSamples(store, job.id, epoch, [sample]);
  await insertSamples(store, job.id, epoch, [{ ...sample, side: 'base', batch: 2, position: 1 }]);

  await expect(
    insertSamples(store, job.id, epoch, [{ ...sample, side: 'base' }]),
  ).rejects.toThrow();
  expect((await listSamples(store, job.id)).map(({ side, batch }) => [side, batch])).toEqual([
    ['head', 1],
    ['base', 2],
  ]);
});

test('samples stored before sides existed belong to head, in the first batch', async () => {
  const { id } = await accept();
  await store.pool.query(
    `INSERT INTO sample (job_id, epoch, block, position, variant, workload, wall_ns, user_ns,
       system_ns, max_rss_bytes, exit_status, metrics, host_fingerprint, build_key, started_at)
     VALUES ($1, 1, 1, 0, 'none', 'w', 1, 1,
       1, 1, 0, '[]', 'h', 'k', now())`,
    [id],
  );
  await store.pool.query(
    `INSERT INTO build (job_id, variant, key, inputs, binary_digest, image, cached, ` +
      `duration_ms) VALUES ($1, 'none', 'k', '{}', 'b', 'i', true, 1)`,
    [id],
  );

  expect(await listSamples(store, id)).toMatchObject([{ side: 'head', batch: 1 }]);
  expect(await listBuilds(store, id)).toMatchObject([{ side: 'head', variant: 'none' }]);
});

test(
  "a host's A/A comparisons are recorded under the epoch that made them, and again by a later " +
    'attempt',
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
    const job = await accept();
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

test('the same sample cannot be stored twice, and nanoseconds beyond 2^53 are exact', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;

  await insertSamples(store, job.id, epoch, [sample]);

  await expect(insertSamples(store, job.id, epoch, [sample])).rejects.toThrow();
  expect((await listSamples(store, job.id)).map(({ wallNs }) => wallNs)).toEqual([
    '9007199254740993',
  ]);
});

test('the samples of a block are stored with the finished block, all or none', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  const block = (number: number) =>
    [0, 1].map((position) => ({ ...sample, block: number, position }));
  const stored = async () => ({
    blocksDone: (await getJob(store, job.id))!.blocksDone,
    places: (await listSamples(store, job.id)).map(({ block, position }) => [block, position]),
  });

  const ids = await insertSamples(store, job.id, epoch, block(1), 1);
  expect(ids).toEqual((await listSamples(store, job.id)).map(({ id }) => id));
  await expect(insertSamples(store, job.id, epoch, [...block(2), sample], 2)).rejects.toThrow();
  await expect(insertSamples(store, job.id, epoch - 1, block(2), 2)).rejects.toMatchObject({
    code: 'LEASE_LOST',
  });

  expect(await stored()).toEqual({
    blocksDone: 1,
    places: [
      [1, 0],
      [1, 1],
    ],
  });
});

test('a stored sample keeps its draw and its counts', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  const drawn = newSampleOf({
    position: 7,
    group: 3,
    size: 'empty',
    sizeValue: 1,
    link: 15,
    cpus: '1',
    environmentBytes: 4_095,
    stackBytes: 8_392_704,
    minorFaults: '9007199254740993',
    majorFaults: '2',
    voluntarySwitches: '3',
    involuntarySwitches: '4',
  });

  await insertSamples(store, job.id, epoch, [drawn]);

  expect(await listSamples(store, job.id)).toMatchObject([drawn]);
});

test(
  'the noise of guests is known from the last host that measured them, and a known layout is ' +
    'kept',
  async () => {
    const target = 'riscv64-linux-user';
    const guest = (
      host: string,
      workload: string,
      noiseSd: number,
      layoutSd: number | null = null,
    ) => ({
      hostFingerprint: host,
      workload,
      noiseSd,
      layoutSd,
      runSeconds: 0.1,
    });
    const [old, recent] = [`sha256:${randomUUID()}`, `sha256:${randomUUID()}`];
    await recordHost(store, { digest: recent } as HostFingerprint);

    await recordGuestNoise(store, target, [guest(old, 'a', 0.1), guest(old, 'b', 0.2)]);
    await recordGuestNoise(store, target, [guest(recent, 'a', 0.3, 0.016)]);
    await recordGuestNoise(store, target, [guest(recent, 'a', 0.4)]);

    expect(await newestGuestNoise(store, target)).toEqual([
      { target, ...guest(recent, 'a', 0.4, 0.016) },
      { target, ...guest(old, 'b', 0.2) },
    ]);
    expect(await listHosts(store, [recent])).toMatchObject([
      { guests: [{ target, workload: 'a', noiseSd: 0.4, layoutSd: 0.016 }] },
    ]);
    expect(await newestGuestNoise(store, 'aarch64-linux-user')).toEqual([]);
  },
);

test('a job that measures until its comparisons are decided is estimated from its plan', async () => {
  const expected = { blocks: 20, seconds: 40, noiseSd: 0.05, hostFingerprint: 'h' };
  const measureSeconds = async (of: Parameters<typeof jobPlan>[0]) => {
    const { id } = (await acceptJob(store, { request, plan: jobPlan(of), requestDigest: 'digest' }))
      .job;
    const { active } = await jobsForEstimates(store);
    return active.find((job) => job.id === id)!.measureSeconds;
  };

  expect(await measureSeconds({ withinSeconds: 300, expected })).toBe(40);
  expect(await measureSeconds({ withinSeconds: 300, expected: null })).toBe(300);
  expect(await measureSeconds({ withinSeconds: null })).toBeNull();
});

test('instruction samples are kept apart from timed ones, also when either is measured again', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  const noise = {
    stealNs: null,
    pressureNs: { cpu: '2', io: null, memory: '0' },
    load: 0.5,
    frequencyHz: null,
  };
  const counted = {
    ...sample,
    kind: 'instructions' as const,
    hostInstructions: '9007199254740993',
    guestInstructions: null,
  };
  await insertSamples(store, job.id, epoch, [{ ...sample, noise }]);
  await insertSamples(store, job.id, epoch, [counted]);
  await insertSamples(store, job.id, epoch, [
    {
      ...counted,
      block: 0,
      hostInstructions: null,
      guestInstructions: '42',
    },
  ]);

  expect((await listSamples(store, job.id)).map(({ kind, noise: seen }) => [kind, seen])).toEqual([
    ['timed', noise],
  ]);
  expect(
    (await listSamples(store, job.id, 'instructions')).map(
      ({ hostInstructions, guestInstructions }) => [hostInstructions, guestInstructions],
    ),
  ).toEqual([
    [null, '42'],
    ['9007199254740993', null],
  ]);

  await discardBlock(store, job.id, epoch, 1);
  expect([
    (await listSamples(store, job.id)).length,
    (await listSamples(store, job.id, 'instructions')).length,
  ]).toEqual([0, 2]);
  await discardBlock(store, job.id, epoch, 'instructions');
  expect(await listSamples(store, job.id, 'instructions')).toEqual([]);
});

test('a sample from before kinds existed is a timed one, without noise and instructions', async () => {
  const job = await accept();
  await store.pool.query(
    `INSERT INTO sample (job_id, epoch, block, position, variant, workload, wall_ns, user_ns,
       system_ns, max_rss_bytes, exit_status, metrics, host_fingerprint, build_key, started_at)
     VALUES ($1, 1, 1, 0, 'none', 'port-io', 5, 4,
       1, 4096, 0, '[]', 'sha256:x', 'k', now())`,
    [job.id],
  );

  expect(await listSamples(store, job.id)).toMatchObject([
    { kind: 'timed', wallNs: '5', noise: null, hostInstructions: null, guestInstructions: null },
  ]);
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
