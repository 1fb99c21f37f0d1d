import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.js';

/** A process that stands still must not hold its locks for ever. */
const IDLE_LIMIT_MS = 60_000;

/** The record: Prisma for rows, a pool of plain connections for fenced updates, COPY and LISTEN. */
export interface Store {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

export async function openStore(databaseUrl: string): Promise<Store> {
  const connection = {
    connectionString: databaseUrl,
    idle_in_transaction_session_timeout: IDLE_LIMIT_MS,
  };
  const prisma = new PrismaClient({ adapter: new PrismaPg(connection) });
  const pool = new pg.Pool({ ...connection, max: 8 });
  pool.on('error', () => undefined); // an idle connection that breaks is replaced by the pool
  // One that breaks while it is used fails its query; without a listener it would end the process as well.
  pool.on('connect', (client) => client.on('error', () => undefined));
  await pool.query('SELECT 1');
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

/** Work in one transaction: committed if it resolves, rolled back if it does not. */
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

/** Channel that carries a job's id whenever something about the job is new. */
export const JOB_CHANNEL = 'qibench_job';
/** Channel that wakes the relay. */
export const OUTBOX_CHANNEL = 'qibench_outbox';
