// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#store/migrate.js';
import { listSamples } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { addDelivery, claimDelivery, listDeliveries } from '#store/webhooks.js';

async function insertJob(store: Store, id: string): Promise<void> {
  await store.pool.query(
    "INSERT INTO job (id, name, state, request, plan, request_digest) VALUES ($1, 'j', " +
      "'succeeded', '{}', '{}', 'd')",
    [id],
  );
}

/** Inserts a sample with its original columns and the given ones. */
async function insertOld(store: Store, more: Record<string, string | number>): Promise<void> {
  const row = {
    epoch: 1,
    block: 1,
    position: 0,
    variant: 'none',
    workload: 'w',
    wall_ns: 1,
    user_ns: 1,
    system_ns: 1,
    max_rss_bytes: 1,
    exit_status: 0,
    metrics: '[]',
    host_fingerprint: 'h',
    build_key: 'k',
    started_at: new Date().toISOString(),
    ...more,
  };
  const places = Object.keys(row).map((_, index) => `$${index + 1}`);
  await store.pool.query(
    `INSERT INTO sample (${Object.keys(row).join(', ')}) VALUES (${places.join(', ')})`,
    Object.values(row),
  );
}

test.each([['0002_trace_partial'], ['0003_conditions']])(
  'a database from the time of %s is migrated, and its samples become timed ones of head in the first batch',
  async (last) => {
    const name = `earlier_${last.slice(0, 4)}_${process.pid}`;
    const url = Object.assign(new URL(process.env.TEST_DATABASE_URL!), {
      pathname: `/${name}`,
    }).href;
    const folder = mkdtempSync(join(tmpdir(), 'qibench-migrations-'));
    const all = readdirSync('prisma/migrations')
      .filter((name) => /^\d{4}_/.test(name))
      .sort();
    const earlier = all.slice(0, all.indexOf(last) + 1);
    for (const migration of earlier)
      cpSync(join('prisma/migrations', migration), join(folder, 'prisma/migrations', migration), {
        recursive: true,
      });
    const ours = await openStore(process.env.TEST_DATABASE_URL!);
    await ours.pool.query(`CREATE DATABASE ${name}`);
    try {
      expect(await migrate(url, folder)).toEqual(earlier);
      const store = await openStore(url);
      const id = randomUUID();
      const insert = (more: object = {}) => insertOld(store, { job_id: id, ...more });
      await insertJob(store, id);
      await insert();

      expect(await migrate(url, process.cwd())).toEqual(all.slice(earlier.length));
      expect(await listSamples(store, id)).toMatchObject([
        { kind: 'timed', side: 'head', batch: 1, block: 1, noise: null },
      ]);
      for (const other of [
        { position: 1, side: 'base' },
        { kind: 'instructions' },
        { position: 1, side: 'base', kind: 'instructions' },
      ])
        await insert(other);
      await expect(insert({ position: 1, side: 'base', batch: '2' })).rejects.toThrow(
        'sample_job_id_kind_block_position_key',
      );
      expect(
        (
          await store.pool.query(
            'SELECT DISTINCT side, batch, kind FROM qibench_sample WHERE job_id = $1 ORDER BY 1, 3',
            [id],
          )
        ).rows,
      ).toEqual([
        { side: 'base', batch: 1, kind: 'timed' },
        { side: 'head', batch: 1, kind: 'timed' },
      ]);
      await store.close();
    } finally {
      await ours.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await ours.close();
      rmSync(folder, { recursive: true });
    }
  },
);

test(
  'a database from before 0016 gets separate guest counts per side, and low p values of A/A ' +
    'jobs become alarms',
  async () => {
    const name = `until_decided_${process.pid}`;
    const url = Object.assign(new URL(process.env.TEST_DATABASE_URL!), {
      pathname: `/${name}`,
    }).href;
    const folder = mkdtempSync(join(tmpdir(), 'qibench-migrations-'));
    for (const migration of readdirSync('prisma/migrations').filter(
      (folderName) => folderName < '0016',
    ))
      cpSync(join('prisma/migrations', migration), join(folder, 'prisma/migrations', migration), {
        recursive: true,
      });
    const ours = await openStore(process.env.TEST_DATABASE_URL!);
    await ours.pool.query(`CREATE DATABASE ${name}`);
    try {
      await migrate(url, folder);
      const store = await openStore(url);
      const id = randomUUID();
      await insertJob(store, id);
      for (const [position, workload] of ['v', 'w'].entries())
        for (const side of ['head', 'base'])
          await insertOld(store, {
            job_id: id,
            kind: 'instructions',
            block: 0,
            position,
            workload,
            side,
          });
      await store.pool.query(
        'INSERT INTO same_comparison (job_id, workload, variant, host_fingerprint, p_value) ' +
          "VALUES ($1, 'w', 'none', 'h', 0.05), ($1, 'w', 'idle', 'h', 0.06)",
        [id],
      );

      await migrate(url, process.cwd());
      expect(
        (await listSamples(store, id, 'instructions')).map(({ position, workload, side }) =>
          [position, workload, side].join(' '),
        ),
      ).toEqual(['0 v head', '1 v base', '2 w head', '3 w base']);
      expect(
        (await store.pool.query('SELECT variant, alarm FROM same_comparison ORDER BY variant'))
          .rows,
      ).toEqual([
        { variant: 'idle', alarm: false },
        { variant: 'none', alarm: true },
      ]);
      await store.close();
    } finally {
      await ours.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await ours.close();
      rmSync(folder, { recursive: true });
    }
  },
);

test(
  "webhook deliveries from before 0015 stay refused, and a pending report of a job's end is " +
    'still sent',
  async () => {
    const name = `webhooks_${process.pid}`;
    const url = Object.assign(new URL(process.env.TEST_DATABASE_URL!), {
      pathname: `/${name}`,
    }).href;
    const folder = mkdtempSync(join(tmpdir(), 'qibench-migrations-'));
    const all = readdirSync('prisma/migrations')
      .filter((folderName) => /^\d{4}_/.test(folderName))
      .sort();
    for (const migration of all.filter((folderName) => folderName < '0015'))
      cpSync(join('prisma/migrations', migration), join(folder, 'prisma/migrations', migration), {
        recursive: true,
      });
    const ours = await openStore(process.env.TEST_DATABASE_URL!);
    await ours.pool.query(`CREATE DATABASE ${name}`);
    try {
      await migrate(url, folder);
      const store = await openStore(url);
      const [waiting, reported] = [randomUUID(), randomUUID()];
      await store.pool.query(
        "INSERT INTO webhook_delivery (body_digest, delivery) VALUES ('a', 'same'), ('b', " +
          "'same'), ('c', ''), ('d', 'own')",
      );
      await store.pool.query(
        `INSERT INTO job (id, name, state, request, plan, request_digest) SELECT id, 'j', ` +
          `'succeeded', '{"branch": "pull/7"}', '{}', 'd' FROM unnest($1::uuid[]) AS id`,
        [[waiting, reported]],
      );
      await store.pool.query(
        'INSERT INTO webhook_job (job_id, repository, comment_id, base_sha, reported_at) ' +
          "VALUES ($1, 'o/n', 12345678901, 'b', NULL), ($2, 'o/n', 2, 'b', now())",
        [waiting, reported],
      );

      await migrate(url, process.cwd());
      const trigger = { repository: 'o/n', number: 7, commentedAt: '' };
      for (const replay of [
        { delivery: 'own', bodyDigest: Buffer.from('x') },
        { delivery: 'y', bodyDigest: Buffer.from('a') },
      ])
        expect(await addDelivery(store, { ...replay, trigger })).toBe(false);
      expect(
        (await listDeliveries(store, 10)).map(({ delivery, state }) => [delivery, state]).sort(),
      ).toEqual(
        [
          ['own', 'reported'],
          [' 63', 'reported'],
          [`job ${waiting}`, 'announced'],
          ['same 61', 'reported'],
          ['same 62', 'reported'],
        ].sort(),
      );
      expect(await claimDelivery(store)).toMatchObject({
        delivery: `job ${waiting}`,
        state: 'announced',
        jobId: waiting,
        commentId: 12345678901,
        baseSha: 'b',
        trigger,
      });
      expect(await claimDelivery(store)).toBeNull();
      await store.close();
    } finally {
      await ours.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await ours.close();
      rmSync(folder, { recursive: true });
    }
  },
);
