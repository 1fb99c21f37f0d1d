// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type { Job, JobRequest } from '#contract/job.js';
import type { Priority, Requires } from '#contract/requires.js';
import { lackingWorker, type Offer } from '#domain/requirements.js';
import { jobsForEstimates } from '#store/active-jobs.js';
import { claimNextJob } from '#store/claims.js';
import { acceptJob, advanceJob, getJob, loseWorkerJobs } from '#store/jobs.js';
import { insertSamples, listSamples } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { reportWorker } from '#store/workers.js';
import { jobPlan, variantOf } from '#support/job-plan.js';
import { jobRequest } from '#support/job-request.js';
import { newSampleOf } from '#support/sample.js';

let store: Store;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
});
beforeEach(alone);
afterAll(async () => {
  await alone();
  await store.close();
});

/** Isolates the jobs and workers of one test. */
async function alone(): Promise<void> {
  await store.pool.query(
    "UPDATE job SET state = 'cancelled' WHERE state IN ('queued', 'building', 'measuring')",
  );
  await store.pool.query('DELETE FROM worker');
}

const target = 'x86_64-softmmu';

const plan = jobPlan({ variants: [], workloads: [] });

async function accept(details: Partial<JobRequest> = {}): Promise<string> {
  return (await acceptJob(store, { request: jobRequest(details), plan, requestDigest: 'd' })).job
    .id;
}

/** Registers a running worker. Returns a function that claims its next job. */
async function worker(
  offer: Partial<Offer> = {},
  engine = 'engine',
  name = `worker-${randomUUID()}`,
): Promise<{ name: string; next(): Promise<Job | null> }> {
  const { role = 'both', labels = [], capabilities = [], cores = 2 } = offer;
  const available = capabilities.map((capability) => ({
    name: capability as 'kvm',
    available: true,
    reason: null,
  }));
  await reportWorker(store, {
    id: name,
    version: '1',
    hostFingerprint: null,
    cpuset: '0',
    cores,
    role,
    labels,
    engine,
    targets: [target],
    capabilities: available,
    knobs: [],
    jobId: null,
    startedAt: new Date(),
  });
  return { name, next: () => claimNextJob(store, name, engine) };
}

async function claimAll(next: () => Promise<Job | null>): Promise<string[]> {
  const ids: string[] = [];
  for (let job = await next(); job !== null; job = await next()) ids.push(job.id);
  return ids;
}

const project = () => `project-${randomUUID()}`;

test('projects take turns: a project with many jobs does not block a project with few', async () => {
  const [many, few, none] = [project(), project(), undefined];
  const ofMany = [
    await accept({ project: many }),
    await accept({ project: many }),
    await accept({ project: many }),
  ];
  const ofFew = [await accept({ project: few }), await accept({ project: few })];
  const ofNone = await accept({ project: none });
  await store.pool.query("DELETE FROM project_turn WHERE project = ''");

  const { next } = await worker();
  expect(await claimAll(next)).toEqual([
    ofMany[0],
    ofFew[0],
    ofNone,
    ofMany[1],
    ofFew[1],
    ofMany[2],
  ]);
});

test('a project that just had its turn waits for the others, even if its job is the oldest', async () => {
  const [first, second] = [project(), project()];
  const { next } = await worker();
  await accept({ project: first });
  await next();
  const older = await accept({ project: first });
  const newer = await accept({ project: second });

  expect(await claimAll(next)).toEqual([newer, older]);
});

test('priority orders the jobs of one project, one hour of waiting per level, and not the projects', async () => {
  const [mine, other] = [project(), project()];
  const acceptAt = (priority: Priority) => accept({ project: mine, priority });
  const [low, normal, high] = [
    await acceptAt('low'),
    await acceptAt('normal'),
    await acceptAt('high'),
  ];
  const waited = await acceptAt('low');
  await store.pool.query(
    "UPDATE job SET turn_at = turn_at - interval '2 hours 1 second' WHERE id = $1",
    [waited],
  );
  const others = await accept({ project: other });

  const claimed = await claimAll((await worker()).next);
  expect(claimed.filter((id) => id !== others)).toEqual([waited, high, normal, low]);
  expect(claimed.indexOf(others)).toBeLessThanOrEqual(1);
});

test('urgent jobs precede the jobs of every project', async () => {
  const [mine, other] = [project(), project()];
  const { next } = await worker();
  await accept({ project: mine });
  await next();
  const ordinary = await accept({ project: other });
  const urgent = await accept({ project: mine, priority: 'urgent' });

  expect(await claimAll(next)).toEqual([urgent, ordinary]);
});

test('the queue lists the jobs in claim order', async () => {
  const [a, b] = [project(), project()];
  const ids = new Set<string>();
  for (const details of [
    { project: a },
    { project: b },
    { project: b, priority: 'high' },
    { project: a },
    { project: b, priority: 'low' },
    {},
    { project: a, priority: 'urgent' },
    {},
  ] as const)
    ids.add(await accept(details));

  const listed = (await jobsForEstimates(store)).active
    .map(({ id }) => id)
    .filter((id) => ids.has(id));
  expect(listed).toEqual(await claimAll((await worker()).next));
});

test('a job whose variant records with a part of the host waits for a worker that has it', async () => {
  const variants = [
    variantOf('backend', { name: 'log', backend: 'syslog' }),
    variantOf('backend', { name: 'probes', backend: 'dtrace', record: false }),
  ];
  const request = jobRequest({ requires: { labels: [], capabilities: ['kvm'], cores: 1 } });
  const recorded = { request, plan: jobPlan({ variants, workloads: [] }), requestDigest: 'd' };
  const { id } = (await acceptJob(store, recorded)).job;

  expect(await (await worker({ capabilities: ['kvm'] })).next()).toBeNull();
  expect(await (await worker({ capabilities: ['syslog'] })).next()).toBeNull();
  const able = await worker({ capabilities: ['kvm', 'syslog'] });
  expect((await able.next())?.id).toBe(id);
});

test('a worker claims jobs that it can do, and the queue reports a job that no worker can do', async () => {
  const needs: Partial<Requires>[] = [
    {},
    { labels: ['quiet'] },
    { labels: ['quiet', 'new'] },
    { capabilities: ['perf'] },
    { cores: 3 },
    { labels: ['quiet'], capabilities: ['kvm'], cores: 2 },
  ];
  const offers: Partial<Offer>[] = [
    {},
    { labels: ['quiet'] },
    { labels: ['new', 'quiet', 'big'], cores: 4 },
    { capabilities: ['perf', 'kvm'] },
    { labels: ['quiet'], capabilities: ['kvm'] },
    { role: 'build' },
    { role: 'measure' },
  ];
  for (const offer of offers) {
    const { next } = await worker(offer);
    for (const wanted of needs) {
      const requires = { labels: [], capabilities: [], cores: 1, ...wanted };
      const id = await accept({ requires });
      const claimed = await next();
      const asOffered: Offer = {
        role: 'both' as const,
        targets: [target],
        labels: [],
        capabilities: [],
        cores: 2,
        ...offer,
      };
      // Another worker measures the jobs of a build worker.
      const all =
        offer.role === 'build'
          ? [
              asOffered,
              {
                ...asOffered,
                role: 'measure' as const,
                labels: requires.labels,
                capabilities: requires.capabilities,
                cores: 9,
              },
            ]
          : [asOffered];
      expect([offer, wanted, claimed?.id ?? null]).toEqual([
        offer,
        wanted,
        lackingWorker({ ...requires, target, built: false }, all) === null ? id : null,
      ]);
      await store.pool.query("UPDATE job SET state = 'cancelled' WHERE id = $1", [id]);
    }
  }
});

test('a build worker hands a job over to a measuring worker, and does not claim it again', async () => {
  const id = await accept({ requires: { labels: ['quiet'], capabilities: [], cores: 1 } });
  const [builds, measures] = [
    await worker({ role: 'build' }, 'engine-b'),
    await worker({ role: 'measure', labels: ['quiet'] }, 'engine-m'),
  ];
  expect(await measures.next()).toBeNull();

  const built = (await builds.next())!;
  expect([built.id, built.state]).toEqual([id, 'building']);
  await advanceJob(store, id, built.epoch, { type: 'handed-over' });

  expect(await builds.next()).toBeNull();
  expect(await measures.next()).toMatchObject({ id, state: 'building', epoch: 2 });
});

/** A job whose worker measured two blocks and then lost it. */
async function halfMeasured(
  engine: string,
): Promise<{ id: string; first: Awaited<ReturnType<typeof worker>> }> {
  const id = await accept();
  const first = await worker({}, engine);
  const { epoch } = (await first.next())!;
  await advanceJob(store, id, epoch, { type: 'built' });
  for (const block of [1, 2])
    await insertSamples(store, id, epoch, [newSampleOf({ block })], block);
  await loseWorkerJobs(store, first.name);
  return { id, first };
}

test('a job that began on a host continues there, after its finished blocks', async () => {
  const engine = `engine-${randomUUID()}`;
  const { id, first } = await halfMeasured(engine);

  expect(await (await worker({}, `engine-${randomUUID()}`)).next()).toBeNull();
  expect(await first.next()).toMatchObject({ id, blocksDone: 2 });
  expect(await listSamples(store, id)).toHaveLength(2);
});

test('a job whose host is gone starts over on another host: all its samples come from one host', async () => {
  const engine = `engine-${randomUUID()}`;
  const { id, first } = await halfMeasured(engine);
  await store.pool.query(
    "UPDATE worker SET seen_at = now() - interval '61 seconds' WHERE id = $1",
    [first.name],
  );

  expect(await (await worker({}, `engine-${randomUUID()}`)).next()).toMatchObject({
    id,
    blocksDone: 0,
  });
  expect(await listSamples(store, id)).toEqual([]);
});

test('eight concurrent workers claim every job once, and a small project is served early', async () => {
  const [large, small] = [project(), project()];
  const jobs = new Map<string, string>();
  for (let count = 0; count < 40; count += 1) jobs.set(await accept({ project: large }), large);
  for (let count = 0; count < 4; count += 1)
    jobs.set(await accept({ project: small, priority: 'low' }), small);
  const workers = await Promise.all(Array.from({ length: 8 }, () => worker()));
  const claimed: string[] = [];

  await Promise.all(
    workers.map(async ({ next }) => {
      for (let job = await next(); job !== null; job = await next()) claimed.push(job.id);
    }),
  );

  expect([...claimed].sort()).toEqual([...jobs.keys()].sort());
  // Workers that claim at the same moment see the same turn: each of the small project's four jobs
  // may follow one of the large project's per worker.
  expect(claimed.findLastIndex((id) => jobs.get(id) === small)).toBeLessThan(
    4 * (workers.length + 1),
  );
  expect(await Promise.all(claimed.map(async (id) => (await getJob(store, id))!.epoch))).toEqual(
    claimed.map(() => 1),
  );
});
