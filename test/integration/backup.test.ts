// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { lstat, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { backup } from '#store/backup.js';
import { claimJob, getJob } from '#store/jobs.js';
import { migrate } from '#store/migrate.js';
import { restore } from '#store/restore.js';
import { openStore, type Store } from '#store/store.js';
import { makeFirstToken } from '#api/auth/issue.js';
import { acceptJob } from '#store/jobs.js';
import { saveUpload } from '#store/uploads.js';
import { recordGuestNoise } from '#store/hosts.js';
import { jobPlan } from '#support/job-plan.js';
import { measuredJob } from '#support/measured-job.js';
import { jobRequest } from '#support/job-request.js';
import { newSampleOf } from '#support/sample.js';

const rootDir = process.cwd();
let folder: string;
let store: Store;
let source: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qibench-backup-'));
  source = await emptyDatabase();
  await migrate(source, rootDir);
  store = await openStore(source);
  await saveUpload(
    store,
    {
      digest: `sha256:${'a'.repeat(64)}`,
      files: [],
      tar: Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 256)),
    },
    { project: 'p', quota: null },
  );
  await makeFirstToken(store);
  await measuredJob(
    store,
    [1, 2, 3].map((block) =>
      newSampleOf({
        block,
        wallNs: '9007199254740993',
        metrics: [{ name: 'tab\t line\n back\\ \\.', value: 1, unit: 'é' }],
        size: 'middle',
        link: 3,
      }),
    ),
  );
  await recordGuestNoise(store, 'x86_64-softmmu', [
    { hostFingerprint: 'h1', workload: 'w', noiseSd: 0.05, layoutSd: null, runSeconds: 0.1 },
  ]);
}, 60_000);
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function emptyDatabase(): Promise<string> {
  const url = new URL(process.env.TEST_DATABASE_URL!);
  const admin = await openStore(url.href);
  const name = `backup_${randomUUID().replaceAll('-', '')}`;
  await admin.pool.query(`CREATE DATABASE ${name}`);
  await admin.close();
  url.pathname = `/${name}`;
  return url.href;
}

async function changed(change: (text: string) => string): Promise<string> {
  await backup(source, join(folder, 'whole'));
  const file = join(folder, 'changed');
  await writeFile(
    file,
    gzipSync(
      Buffer.from(
        change(gunzipSync(await readFile(join(folder, 'whole'))).toString('latin1')),
        'latin1',
      ),
    ),
  );
  return file;
}

test.each([
  ['file that others can read', (path: string) => writeFile(path, 'old', { mode: 0o644 })],
  ['link', (path: string) => symlink(join(folder, 'victim'), path)],
])("a backup replaces a %s in its way and is its owner's alone", async (_, put) => {
  const file = join(folder, 'in-the-way');
  await writeFile(join(folder, 'victim'), 'kept');
  await rm(file, { force: true });
  for (const path of [file, `${file}.partial`]) await put(path);

  await backup(source, file);

  const written = await lstat(file);
  expect([written.isFile(), written.mode & 0o777]).toEqual([true, 0o600]);
  expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('kept');
});

test('a restored database has the same rows as the original, in every table', async () => {
  const file = join(folder, 'backup');
  const target = await emptyDatabase();
  const written = await backup(source, file);

  const restored = await restore(target, file, rootDir);
  const again = await backup(target, join(folder, 'again'));

  expect(restored).toEqual(written);
  expect(again).toEqual(written);
  expect(Object.fromEntries(written.tables.map(({ table, rows }) => [table, rows]))).toMatchObject({
    job: 1,
    sample: 3,
    upload: 1,
    token: 1,
    outbox: 1,
    trace: 0,
    guest_noise: 1,
  });
});

test('rows inserted after a restore get new numbers, and a waiting job continues', async () => {
  const target = await emptyDatabase();
  const request = jobRequest({ name: 'waits' });
  const { job } = await acceptJob(store, {
    request,
    plan: jobPlan({ variants: [], workloads: [] }),
    requestDigest: 'd',
  });
  await store.pool.query("UPDATE outbox SET sent_at = now() - interval '1 minute'");
  await backup(source, join(folder, 'waiting'));
  await restore(target, join(folder, 'waiting'), rootDir);
  const restored = await openStore(target);
  try {
    expect((await getJob(restored, job.id))!.state).toBe('queued');
    expect((await claimJob(restored, job.id, 'w'))!.epoch).toBe(1);
  } finally {
    await restored.close();
  }
});

test('a backup is restored into an empty database only, and a damaged backup leaves nothing', async () => {
  await backup(source, join(folder, 'full'));
  await expect(restore(source, join(folder, 'full'), rootDir)).rejects.toMatchObject({
    code: 'DATABASE_NOT_EMPTY',
  });

  const target = await emptyDatabase();
  const damages: [string, (text: string) => string, RegExp][] = [
    [
      'a changed row',
      (text) => text.replace('9007199254740993', '9007199254740994'),
      /rows of the table "sample" are damaged/,
    ],
    ['no end', (text) => text.slice(0, -20), /ends early|unexpected line/],
    [
      'another format',
      (text) => text.replace('qibench-backup/1', 'qibench-backup/2'),
      /unexpected line/,
    ],
    [
      'a newer schema',
      (text) => text.replace(/"schema":"[^"]+"/, '"schema":"9999_later"'),
      /a newer version wrote it/,
    ],
    [
      'another table',
      (text) => text.replace('{"table":"sample"', '{"table":"pg_authid"'),
      /unexpected table/,
    ],
  ];
  for (const [name, damage, reason] of damages) {
    await expect([
      name,
      await restore(target, await changed(damage), rootDir).catch((error: Error) => error.message),
    ]).toEqual([name, expect.stringMatching(reason)]);
  }
  const store = await openStore(target);
  expect((await store.pool.query('SELECT 1 FROM sample')).rowCount).toBe(0);
  await store.close();
}, 60_000);
