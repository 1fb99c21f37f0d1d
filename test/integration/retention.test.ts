// SPDX-License-Identifier: GPL-2.0-or-later
import { randomBytes, randomUUID } from 'node:crypto';
import { ingestJobs, storeImport } from '#api/compute/history.js';
import { startRetention } from '#queue/retention.js';
import { trimAudit, writeAudit } from '#store/audit.js';
import { getJob } from '#store/jobs.js';
import { appendLog } from '#store/logs.js';
import { countUse, listUse } from '#store/project-use.js';
import {
  projectsWithOldPoints,
  removeOldFiles,
  removeOldJobs,
  removeOldPoints,
} from '#store/retention.js';
import { openStore, type Store } from '#store/store.js';
import { findUpload, saveUpload } from '#store/uploads.js';
import { addDelivery, advanceDelivery, claimDelivery } from '#store/webhooks.js';
import { noTelemetry } from '#telemetry/telemetry.js';
import { acceptTestJob } from '#support/accepted-job.js';
import { jobRequest } from '#support/job-request.js';
import { measuredJob } from '#support/measured-job.js';
import { ownDatabase } from '#support/own-database.js';
import { newSampleOf } from '#support/sample.js';
import { storeTrace } from '#support/stored-trace.js';
import { header } from '#support/trace-encoder.js';

let store: Store;
let database: Awaited<ReturnType<typeof ownDatabase>>;
beforeAll(async () => {
  database = await ownDatabase('retention');
  store = await openStore(database.url);
}, 60_000);
afterAll(async () => {
  await store.close();
  await database.drop();
});

const age = (table: string, column: string, key: string, value: string, days: number) =>
  store.pool.query(
    `UPDATE ${table} SET ${column} = now() - make_interval(days => $2) WHERE ${key} = $1`,
    [value, days],
  );
const finished = (id: string, days: number) => age('job', 'finished_at', 'id', id, days);
const count = async (table: string, column: string, value: string): Promise<number> =>
  (await store.pool.query(`SELECT 1 FROM ${table} WHERE ${column} = $1`, [value])).rowCount!;
const upload = async (text: string, project: string | null = null) => {
  const digest = `sha256:${randomUUID().replaceAll('-', '').repeat(2)}`;
  await saveUpload(
    store,
    { digest, files: [{ path: 'a.c', sizeBytes: text.length }], tar: Buffer.from(text) },
    { project, quota: null },
  );
  return digest;
};
const importOf = (project: string) =>
  storeImport(store, { format: 'hyperfine', project, branch: 'main', variant: 'v', host: 'h' }, [
    {
      benchmark: 'b',
      metric: 'm',
      unit: 's',
      direction: 'smaller-is-better',
      value: 1,
      low: null,
      high: null,
      samples: null,
    },
  ]);

test('old jobs go with their samples, traces and logs, and their points stay', async () => {
  const project = 'with-history';
  const samples = [1, 2, 3].map((block) => newSampleOf({ block, workload: 'port-io' }));
  const old = await measuredJob(store, samples, { project });
  const recent = await measuredJob(store, samples, { project });
  await appendLog(store, old, 1, 'measure', 'text');
  await finished(old, 366);
  await finished(recent, 364);
  const { jobId: traced, traceId } = await storeTrace(store, '', [header()], Infinity, { project });
  await finished(traced, 366);

  const ingested: string[] = [];
  const stop = startRetention(
    store,
    { traces: { days: 0, totalBytes: 0, projectBytes: 0 }, resultDays: 365, historyDays: 0 },
    async (name) => {
      ingested.push(name);
      await ingestJobs(store, [], name);
    },
    noTelemetry(),
  );
  while ((await getJob(store, traced)) !== null || (await getJob(store, old)) !== null)
    await new Promise((resolve) => setTimeout(resolve, 50));
  await stop();

  expect(new Set(ingested)).toEqual(new Set([project]));
  for (const table of ['sample', 'job_log', 'job_event', 'build', 'outbox'])
    expect([table, await count(table, 'job_id', old)]).toEqual([table, 0]);
  for (const [table, column] of [
    ['trace', 'id'],
    ['trace_histogram', 'trace_id'],
    ['trace_event', 'trace_id'],
  ] as const)
    expect([table, await count(table, column, traceId)]).toEqual([table, 0]);
  expect(await count('trace_events_file', 'content', '')).toBe(0);
  expect(await count('sample', 'job_id', recent)).toBe(3);
  expect(await count('history_point', 'source_id', old)).toBeGreaterThan(0);
}, 60_000);

test("a project's old jobs are removed, running ones and jobs of others are not", async () => {
  const [mine, theirs] = [
    await measuredJob(store, [newSampleOf()], { project: 'mine' }),
    await measuredJob(store, [newSampleOf()], { project: 'theirs' }),
  ];
  const waiting = await acceptTestJob(store, { request: jobRequest({ project: 'mine' }) });
  for (const id of [mine, theirs]) await finished(id, 20);
  await age('job', 'created_at', 'id', waiting.id, 1_000);

  expect(await removeOldJobs(store, 'mine', 10)).toBe(1);

  expect(await getJob(store, mine)).toBeNull();
  expect((await getJob(store, theirs))!.id).toBe(theirs);
  expect((await getJob(store, waiting.id))!.state).toBe('queued');
});

test('old points go with their alerts once their job is removed, and their series are due', async () => {
  const project = 'old-points';
  const job = await measuredJob(store, [newSampleOf({ workload: 'port-io' })], { project });
  await ingestJobs(store, [], project);
  const [{ id: old }, { id: recent }] = [await importOf(project), await importOf(project)];
  for (const id of [job, old]) await age('history_point', 'created_at', 'source_id', id, 31);
  await store.pool.query(
    `INSERT INTO alert (
       project, branch, workload, variant, metric, host_fingerprint,
       point_id, before, after, ratio, p_value, worse)
     SELECT project, branch, workload, variant, metric, 'h', id, 1, 2, 2, 0.01, true
     FROM history_point
     WHERE source_id = ANY($1::uuid[])`,
    [[old, recent]],
  );
  await store.pool.query('DELETE FROM due_series WHERE project = $1', [project]);
  const pointsOf = (id: string) => count('history_point', 'source_id', id);
  const counted = async () => {
    await countUse(store);
    return (await listUse(store)).get(project)!.points;
  };
  const ofJob = await pointsOf(job);
  expect(await counted()).toBe(ofJob + 2);

  expect(await projectsWithOldPoints(store, 32)).toEqual([]);
  expect(await projectsWithOldPoints(store, 30)).toEqual([project]);
  expect(await removeOldPoints(store, project, 30)).toBe(1);
  expect([await pointsOf(job), await pointsOf(old), await pointsOf(recent)]).toEqual([ofJob, 0, 1]);
  expect(await count('alert', 'project', project)).toBe(1);
  expect(await count('due_series', 'project', project)).toBe(1);
  expect(await counted()).toBe(ofJob + 1);

  await finished(job, 20);
  await removeOldJobs(store, project, 10);
  expect(await removeOldPoints(store, project, 30)).toBe(ofJob);
  expect(await counted()).toBe(1);
});

test('jobs join their history although no reader asks for it', async () => {
  const project = 'unread';
  const job = await measuredJob(store, [newSampleOf({ workload: 'port-io' })], { project });
  const limits = { traces: { days: 0, totalBytes: 0, projectBytes: 0 }, resultDays: 0 };
  const stop = startRetention(
    store,
    { ...limits, historyDays: 0 },
    (name) => ingestJobs(store, [], name),
    noTelemetry(),
  );
  try {
    while ((await count('history_point', 'source_id', job)) === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    await stop();
  }

  await countUse(store);
  expect((await listUse(store)).get(project)!.points).toBe(
    await count('history_point', 'source_id', job),
  );
});

test('uploads outlive the results of the last job that names them, by 30 days', async () => {
  const [unused, named] = [await upload('unused'), await upload('named')];
  await acceptTestJob(store, { request: jobRequest({ instrumentation: unused }) });
  for (const digest of [unused, named]) await age('upload', 'used_at', 'digest', digest, 131);
  await acceptTestJob(store, { request: jobRequest({ instrumentation: named }) });
  const { id: document } = await importOf('imports');
  await age('import', 'created_at', 'id', document, 101);

  expect(await removeOldFiles(store, 102)).toMatchObject({ imports: 0, uploads: 0 });
  expect(await removeOldFiles(store, 100)).toMatchObject({ imports: 1, uploads: 1 });

  expect(await findUpload(store, unused)).toBeNull();
  expect((await findUpload(store, named))!.digest).toBe(named);
  expect(await count('history_point', 'source_id', document)).toBe(1);
});

test('webhook deliveries are removed when no step is left, 30 days after the results', async () => {
  const trigger = { repository: 'owner/name', number: 1, commentedAt: '2026-01-01T00:00:00Z' };
  const deliver = async (delivery: string) => {
    const body = { delivery, bodyDigest: randomBytes(32), trigger };
    expect(await addDelivery(store, body)).toBe(true);
    await age('webhook_delivery', 'at', 'delivery', delivery, 131);
    return body;
  };
  const done = await deliver('done');
  await advanceDelivery(store.pool, (await claimDelivery(store))!, { state: 'reported' });
  const open = await deliver('open');

  expect(await removeOldFiles(store, 102)).toMatchObject({ deliveries: 0 });
  expect(await removeOldFiles(store, 100)).toMatchObject({ deliveries: 1 });
  expect(await addDelivery(store, open)).toBe(false);
  expect(await addDelivery(store, done)).toBe(true);
});

test('an upload that no job has named is removed after 30 days', async () => {
  const [forgotten, recent] = [await upload('forgotten'), await upload('recent')];
  await age('upload', 'used_at', 'digest', forgotten, 31);
  await age('upload', 'used_at', 'digest', recent, 29);

  expect((await removeOldFiles(store, 365)).uploads).toBe(1);

  expect(await findUpload(store, forgotten)).toBeNull();
  expect(await findUpload(store, recent)).not.toBeNull();
});

test('the uploads that a job takes from its baseline are kept with that job', async () => {
  const digest = await upload('baseline');
  await age('upload', 'used_at', 'digest', digest, 131);
  const request = jobRequest();
  const { version, target } = request.qemu;
  const head = { qemu: { version, target, patches: null }, events: [], instrumentation: null };
  const { plan } = await acceptTestJob(store, { request });
  const base = { ...head, instrumentation: digest };
  await acceptTestJob(store, { request, plan: { ...plan, sides: { head, base, same: false } } });

  await removeOldFiles(store, 100);
  expect((await findUpload(store, digest))!.digest).toBe(digest);
});

test('the use of a project includes jobs, imports, uploads and traces', async () => {
  const project = 'counted';
  const metrics = [{ name: 'm'.repeat(100), value: 1, unit: 'ns' }];
  const id = await measuredJob(store, [newSampleOf({ metrics })], { project });
  await countUse(store);
  const before = (await listUse(store)).get(project)!;
  expect(before).toMatchObject({ jobs: 1, imports: 0, uploadBytes: 0, traceBytes: 0 });
  expect(before.resultBytes).toBeGreaterThan(512 + 100);

  await appendLog(store, id, 1, 'measure', 'x'.repeat(1_000_000));
  await importOf(project);
  await upload('x'.repeat(700), project);
  await storeTrace(store, 'tick(int value) "%d"\n', [header()], Infinity, { project });
  await countUse(store);

  const after = (await listUse(store)).get(project)!;
  expect(after).toMatchObject({ jobs: 2, imports: 1, uploadBytes: 700 });
  expect(after.resultBytes - before.resultBytes).toBeGreaterThan(1_000_000);
  expect(after.importBytes).toBeGreaterThan(512);
  expect(after.traceBytes).toBeGreaterThan(0);
});

test("a subject's flood of audit entries removes only its own oldest ones", async () => {
  const entry = { action: 'POST /v1/marks', object: '/v1/marks', outcome: 'ok', ip: '192.0.2.1' };
  await writeAudit(store, { ...entry, subject: 'quiet' });
  for (let index = 0; index < 5; index += 1)
    await writeAudit(store, { ...entry, subject: 'loud', object: `/${index}` });
  await writeAudit(store, { ...entry, subject: 'old' });
  await age('audit', 'at', 'subject', 'old', 366);

  expect(await trimAudit(store, 3)).toBe(3);

  const { rows } = await store.pool.query('SELECT subject, object FROM audit ORDER BY id');
  expect(rows.map(({ subject, object }) => `${subject} ${object}`)).toEqual([
    'quiet /v1/marks',
    'loud /2',
    'loud /3',
    'loud /4',
  ]);
});
