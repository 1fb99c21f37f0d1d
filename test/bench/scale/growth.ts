// SPDX-License-Identifier: GPL-2.0-or-later
import { jobRequest } from '#support/job-request.js';
import { finishJobs } from './drain.js';
import { acceptJobs, forgetJobs } from './submissions.js';
import type { Stack } from './stack.js';

const ROUNDS = 15;
const TEMPLATES = 20;
/** Copies per template and statement. */
const COPIES = 25;

/** Columns that distinguish jobs; all other columns are copied. */
const OWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  job: {
    id: 'copies.id',
    created_at: "created_at + random() * interval '1 day'",
    project: "''",
    request: "request - 'project'",
  },
  job_event: { job_id: 'copies.id' },
  job_log: { job_id: 'copies.id' },
  build: { job_id: 'copies.id' },
  sample: { job_id: 'copies.id', id: "nextval('sample_id_seq')" },
};

export interface Size {
  readonly samples: number;
  readonly databaseBytes: number;
  /** Median response time per address, in ms. */
  readonly medianMs: Readonly<Record<string, number>>;
}

/** 104 samples: four variants, two workloads, twelve blocks and the warm-up. */
const TEMPLATE = jobRequest({
  name: 'template',
  project: 'bench',
  blocks: 12,
  variants: ['a', 'b', 'c', 'd'].map((name) => ({ mode: 'none' as const, name, trace: false })),
  workloads: [1_000, 2_000].map((writes) => ({ name: 'port-io', parameters: { writes } })),
});

/**
 * Runs some jobs on the fake engine, then copies them with all their rows up to the wanted number
 * of samples, and times queries through the API at every size. The project contains the jobs that
 * ran, not the copies.
 */
export async function grow(stack: Stack, sizes: readonly number[]): Promise<Size[]> {
  const { store } = stack;
  await forgetJobs(stack);
  await acceptJobs(stack, TEMPLATES, TEMPLATE);
  await finishJobs(stack, 1);
  const templates = (
    await store.pool.query<{ id: string }>("SELECT id FROM job WHERE state = 'succeeded'")
  ).rows.map(({ id }) => id);
  if (templates.length !== TEMPLATES)
    throw new Error(`${templates.length} of ${TEMPLATES} jobs succeeded`);
  const grown: Size[] = [];
  for (const size of sizes) {
    while ((await countSamples(store)) < size) await copyJobs(store, templates);
    await store.pool.query('VACUUM ANALYZE');
    const { rows } = await store.pool.query<{ bytes: string }>(
      'SELECT pg_database_size(current_database()) AS bytes',
    );
    grown.push({
      samples: await countSamples(store),
      databaseBytes: Number(rows[0]!.bytes),
      medianMs: await latencies(stack, templates[0]!),
    });
  }
  return grown;
}

async function countSamples(store: Stack['store']): Promise<number> {
  return (await store.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM sample'))
    .rows[0]!.count;
}

async function copyJobs(store: Stack['store'], templates: readonly string[]): Promise<void> {
  const client = await store.pool.connect();
  try {
    await client.query('CREATE TEMP TABLE IF NOT EXISTS copies (old uuid, id uuid)');
    await client.query('TRUNCATE copies');
    await client.query(
      'INSERT INTO copies SELECT old, gen_random_uuid() FROM unnest($1::uuid[]) AS old, generate_series(1, $2)',
      [templates, COPIES],
    );
    for (const [table, ownColumns] of Object.entries(OWN)) {
      const { rows } = await client.query<{ name: string }>(
        'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > ' +
          '0 AND NOT attisdropped',
        [table],
      );
      const columns = rows.map(({ name }) => name);
      const values = columns.map((name) => ownColumns[name] ?? `${table}.${name}`);
      await client.query(
        `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ` +
          `${table} JOIN copies ON copies.old = ${table}.${table === 'job' ? 'id' : 'job_id'}`,
      );
    }
  } finally {
    client.release();
  }
}

async function latencies({ url }: Stack, jobId: string): Promise<Record<string, number>> {
  const paths = [
    '/v1/jobs',
    '/v1/jobs?project=bench',
    `/v1/jobs/${jobId}`,
    `/v1/jobs/${jobId}/samples`,
    `/v1/jobs/${jobId}/comparison`,
    `/v1/jobs/${jobId}/export?format=csv`,
    '/v1/queue',
    '/v1/hosts',
    '/v1/series?project=bench',
    '/metrics',
  ];
  const medians: Record<string, number> = {};
  for (const path of paths) {
    const tookMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedMs = performance.now();
      const answer = await fetch(url + path);
      if (!answer.ok)
        throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
      tookMs.push(performance.now() - startedMs);
    }
    medians[path.replace(jobId, ':id')] = tookMs.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
  }
  return medians;
}
