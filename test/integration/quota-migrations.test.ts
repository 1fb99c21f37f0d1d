// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { migrate } from '#store/migrate.js';
import { countUse, listUse } from '#store/project-use.js';
import { openStore } from '#store/store.js';

test('what was stored before quotas existed counts for them', async () => {
  const name = `before_quotas_${process.pid}`;
  const { href: url } = Object.assign(new URL(process.env.TEST_DATABASE_URL!), {
    pathname: `/${name}`,
  });
  const admin = await openStore(process.env.TEST_DATABASE_URL!);
  await admin.pool.query(`CREATE DATABASE ${name}`);
  try {
    await migrate(url, process.cwd(), '0022');
    const store = await openStore(url);
    const { pool } = store;
    const job = randomUUID();
    await pool.query(
      `INSERT INTO job (id, name, state, request, plan, request_digest, project)
       VALUES ($1, 'j', 'succeeded', '{"project": "p"}', '{}', 'd', 'p')`,
      [job],
    );
    await pool.query(
      `INSERT INTO sample (
         id, job_id, epoch, block, position, variant, workload, wall_ns, user_ns, system_ns,
         max_rss_bytes, exit_status, metrics, host_fingerprint, build_key, started_at)
       VALUES (7, $1, 1, 1, 0, 'none', 'w', 1, 1, 1, 1, 0, $2, 'h', 'k', now())`,
      [job, JSON.stringify([{ name: 'm'.repeat(1_000), value: 1, unit: 'ns' }])],
    );
    await pool.query("INSERT INTO trace_events_file (digest, content) VALUES ('e', 'events')");
    await pool.query(
      `INSERT INTO trace (
         id, sample_id, job_id, format, records, stored, dropped, file_bytes, raw_bytes,
         stored_bytes, tail, events_digest)
       VALUES (9, 7, $1, 'simple/4', 1, 1, 0, 1, 1, 5000, '', 'e')`,
      [job],
    );
    await pool.query(
      "INSERT INTO trace_histogram (trace_id, shift, event_id, tile, counts) VALUES (9, 0, 0, 0, 'c')",
    );
    await pool.query(
      `INSERT INTO trace_event (
         trace_id, event_id, name, arguments, kinds, count, first_ns, last_ns)
       VALUES (9, 0, 'tick', '[]', '', 1, 1, 1)`,
    );
    await pool.query(
      `INSERT INTO import (id, format, project, branch, at, variant, host, results)
       VALUES ($1, 'bmf', 'p', 'main', now(), 'v', 'h', '[{}, {}]')`,
      [randomUUID()],
    );
    await pool.query(
      `INSERT INTO history_point (
         source, source_id, project, branch, workload, variant, metric, unit, direction,
         host_fingerprint, at, value)
       SELECT 'job', $1, 'p', 'main', 'w', 'v', metric, 'ns', 'smaller-is-better', 'h', now(), 1
       FROM unnest('{wallNs,cpuNs}'::text[]) AS metric`,
      [job],
    );

    await migrate(url, process.cwd());

    const { rows } = await pool.query<{ summary: number; stored: number }>(
      'SELECT summary_bytes::int AS summary, stored_bytes::int AS stored FROM trace',
    );
    expect(rows[0]!.summary).toBeGreaterThan(2 * 64);
    expect(rows[0]!.stored).toBe(5_000 + rows[0]!.summary);
    await countUse(store);
    const use = (await listUse(store)).get('p')!;
    expect(use).toMatchObject({ jobs: 1, imports: 1, traceBytes: rows[0]!.stored });
    expect(use.resultBytes).toBeGreaterThan(512);
    expect(use.points).toBe(2);
    expect(use.importBytes).toBeGreaterThan(2 * 512);
    await store.close();
  } finally {
    await admin.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.close();
  }
}, 60_000);
