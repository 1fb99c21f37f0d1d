// SPDX-License-Identifier: GPL-2.0-or-later
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { connectionOf, firstConnection, SCHEMA_SQL } from './connection.js';
import { PrismaClient } from './generated/client.js';

/** Idle limit within a transaction: a stalled process must not hold its locks forever. */
const IDLE_LIMIT_MS = 60_000;

/**
 * Access to Postgres: Prisma for rows, a pool of plain connections for fenced updates, COPY and
 * LISTEN.
 */
export interface Store {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

/**
 * Opens the store.
 *
 * @throws {BAD_SETTING} The database cannot be used.
 */
export async function openStore(databaseUrl: string): Promise<Store> {
  const first = await firstConnection(databaseUrl);
  const { rows } = await first.query<{ schema: string }>(`SELECT ${SCHEMA_SQL} AS schema`);
  await first.end();
  const connection = {
    ...connectionOf(databaseUrl),
    idle_in_transaction_session_timeout: IDLE_LIMIT_MS,
  };
  const prisma = new PrismaClient({
    // It names the schema in its SQL; without one it would use `public`.
    adapter: new PrismaPg(connection, { schema: rows[0]!.schema }),
    errorFormat: 'minimal', // other formats quote our source
  });
  const pool = new pg.Pool({ ...connection, max: 8 });
  pool.on('error', () => undefined); // the pool replaces idle connections that break
  // A connection that breaks in use fails its query; without a listener it would crash the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    prisma,
    pool,
    databaseUrl,
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** Runs work in one transaction: commits when it resolves, rolls back when it rejects. */
export async function transaction<T>(
  store: Store,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await store.pool.connect();
  let committed = false;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    committed = true;
    return result;
  } finally {
    if (!committed) await client.query('ROLLBACK').catch(() => undefined);
    client.release();
  }
}

/** Channel that carries a job's id when something about the job has changed. */
export const JOB_CHANNEL = 'qibench_job';
/** Channel that wakes the relay. */
export const OUTBOX_CHANNEL = 'qibench_outbox';
