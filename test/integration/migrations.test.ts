import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../services/store/migrate.js';
import { listSamples } from '../../services/store/samples.js';
import { openStore } from '../../services/store/store.js';
import { addDelivery, claimDelivery, listDeliveries } from '../../services/store/webhooks.js';

test.each([['0002_trace_partial'], ['0003_conditions']])(
  'a database of the time of %s is brought up to date, and its samples are timed ones of head in the first batch',
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
      const insert = (more: object = {}) =>
        store.pool.query(
          `INSERT INTO sample (job_id, epoch, block, position, variant, workload, wall_ns, user_ns, system_ns, max_rss_bytes, exit_status, metrics, host_fingerprint, build_key, started_at${Object.keys(
            more,
          )
            .map((column) => `, ${column}`)
            .join('')})
         VALUES ($1, 1, 1, 0, 'none', 'w', 1, 1, 1, 1, 0, '[]', 'h', 'k', now()${Object.values(more)
           .map((value) => `, '${value}'`)
           .join('')})`,
          [id],
        );
      await store.pool.query(
        "INSERT INTO job (id, name, state, request, plan, request_digest) VALUES ($1, 'j', 'succeeded', '{}', '{}', 'd')",
        [id],
      );
      await insert();

      expect(await migrate(url, process.cwd())).toEqual(all.slice(earlier.length));
      expect(await listSamples(store, id)).toMatchObject([
        { kind: 'timed', side: 'head', batch: 1, block: 1, noise: null },
      ]);
      for (const other of [
        { side: 'base' },
        { kind: 'instructions' },
        { side: 'base', kind: 'instructions' },
      ])
        await insert(other);
      await expect(insert({ side: 'base', batch: '2' })).rejects.toThrow(
        'sample_job_id_kind_block_side_variant_workload_key',
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

test('deliveries of webhooks from before 0015 stay refused, and jobs whose end was to be told are still told', async () => {
  const name = `webhooks_${process.pid}`;
  const url = Object.assign(new URL(process.env.TEST_DATABASE_URL!), { pathname: `/${name}` }).href;
  const folder = mkdtempSync(join(tmpdir(), 'qibench-migrations-'));
  const all = readdirSync('prisma/migrations')
    .filter((one) => /^\d{4}_/.test(one))
    .sort();
  for (const migration of all.filter((one) => one < '0015'))
    cpSync(join('prisma/migrations', migration), join(folder, 'prisma/migrations', migration), {
      recursive: true,
    });
  const ours = await openStore(process.env.TEST_DATABASE_URL!);
  await ours.pool.query(`CREATE DATABASE ${name}`);
  try {
    await migrate(url, folder);
    const store = await openStore(url);
    const [waiting, told] = [randomUUID(), randomUUID()];
    await store.pool.query(
      "INSERT INTO webhook_delivery (body_digest, delivery) VALUES ('a', 'same'), ('b', 'same'), ('c', ''), ('d', 'own')",
    );
    await store.pool.query(
      `INSERT INTO job (id, name, state, request, plan, request_digest) SELECT id, 'j', 'succeeded', '{"branch": "pull/7"}', '{}', 'd' FROM unnest($1::uuid[]) AS id`,
      [[waiting, told]],
    );
    await store.pool.query(
      "INSERT INTO webhook_job (job_id, repository, comment_id, base_sha, reported_at) VALUES ($1, 'o/n', 12345678901, 'b', NULL), ($2, 'o/n', 2, 'b', now())",
      [waiting, told],
    );

    await migrate(url, process.cwd());
    const ask = { repository: 'o/n', number: 7, commentedAt: '' };
    for (const replay of [
      { delivery: 'own', bodyDigest: Buffer.from('x') },
      { delivery: 'y', bodyDigest: Buffer.from('a') },
    ])
      expect(await addDelivery(store, { ...replay, ask })).toBe(false);
    expect(
      (await listDeliveries(store, 10)).map(({ delivery, state }) => [delivery, state]).sort(),
    ).toEqual(
      [
        ['own', 'told'],
        [' 63', 'told'],
        [`job ${waiting}`, 'announced'],
        ['same 61', 'told'],
        ['same 62', 'told'],
      ].sort(),
    );
    expect(await claimDelivery(store)).toMatchObject({
      delivery: `job ${waiting}`,
      state: 'announced',
      jobId: waiting,
      commentId: 12345678901,
      baseSha: 'b',
      ask,
    });
    expect(await claimDelivery(store)).toBeNull();
    await store.close();
  } finally {
    await ours.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await ours.close();
    rmSync(folder, { recursive: true });
  }
});
