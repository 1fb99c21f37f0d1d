// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { openQueue } from '#queue/queue.js';
import { migrate } from '#store/migrate.js';
import type { Program } from './program.js';
import type { Stack } from './stack.js';
import { killStartingService } from './up.js';

/**
 * Injects a fault. Resolves when the service has all its dependencies again.
 * @throws {Error} The fault itself broke a promise.
 */
export type Fault = (stack: Stack, jobId: string, pauseMs: number) => Promise<void>;

const CLOCK_JUMP_SECONDS = 6 * 3_600;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Returns the worker with the job's lease, or the first worker. */
async function holder(stack: Stack, jobId: string): Promise<Program> {
  const [row] = await stack.query<{ worker: string | null }>(
    'SELECT worker FROM job WHERE id = $1',
    [jobId],
  );
  return stack.workers.find(({ name }) => name === row?.worker) ?? stack.workers[0]!;
}

/**
 * Moves the database's timestamps like a jump ahead of its clock, which measures all leases and
 * delays.
 */
const jump = (stack: Stack) =>
  stack.query(`
    WITH jobs AS (
      UPDATE job
      SET lease_until = lease_until - interval '1 hour',
        not_before = not_before - interval '1 hour'
      WHERE finished_at IS NULL
    ), seen AS (UPDATE worker SET seen_at = seen_at - interval '1 hour')
    UPDATE outbox SET sent_at = sent_at - interval '1 hour'`);

/** Sets a program's clock wrong for some seconds; the program reads it once a second. */
async function wrongClock(program: Program, aheadSeconds: number, pauseMs: number): Promise<void> {
  program.clock.set(aheadSeconds);
  await pause(3_000 + pauseMs);
  program.clock.set(0);
}

async function redis(stack: Stack, command: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(stack.redis.url);
  await command(client).finally(() => client.disconnect());
}

export const FAULTS: Readonly<Record<string, Fault>> = {
  'API killed': async (stack) => stack.api.signal('SIGKILL'),
  'API stopped for a moment': async (stack, _, pauseMs) => {
    stack.api.signal('SIGSTOP');
    await pause(pauseMs);
    stack.api.signal('SIGCONT');
  },
  'worker killed': async (stack, jobId) => (await holder(stack, jobId)).signal('SIGKILL'),
  'worker killed for good': async (stack, jobId, pauseMs) => {
    const worker = await holder(stack, jobId);
    await worker.end('SIGKILL');
    await jump(stack);
    await pause(pauseMs);
    worker.start();
  },
  'worker told to stop': async (stack, jobId) => (await holder(stack, jobId)).signal('SIGTERM'),
  'worker told to stop, twice': async (stack, jobId, pauseMs) => {
    const worker = await holder(stack, jobId);
    worker.signal('SIGTERM');
    await pause(pauseMs / 10);
    worker.signal('SIGTERM');
  },
  'worker blocked beyond its lease': async (stack, jobId, pauseMs) => {
    const worker = await holder(stack, jobId);
    worker.signal('SIGSTOP');
    await jump(stack);
    // The reaper runs every ten seconds; afterwards the other worker has the job.
    await pause(12_000 + pauseMs);
    worker.signal('SIGCONT');
  },
  'Redis emptied': (stack) => redis(stack, (client) => client.flushall()),
  'Redis killed': async (stack, _, pauseMs) => {
    await stack.redis.signal('SIGKILL');
    await pause(pauseMs);
    await stack.redis.start();
  },
  'Postgres killed': async (stack, _, pauseMs) => {
    await stack.postgres.signal('SIGKILL');
    await pause(pauseMs);
    await stack.postgres.start();
  },
  'Postgres restarted': async (stack, _, pauseMs) => {
    await stack.postgres.signal('SIGINT'); // its fast shutdown
    await pause(pauseMs);
    await stack.postgres.start();
  },
  'disk of Postgres full': async (stack, _, pauseMs) => {
    const give = stack.disk.fill();
    await pause(pauseMs * 2);
    give();
    // Postgres ends by itself if it cannot write committed data.
    if (!(await stack.postgres.signal(0 as unknown as NodeJS.Signals)))
      await stack.postgres.start();
  },
  'disk of Postgres slow': (stack, _, pauseMs) => stack.disk.slow(1_000 + pauseMs * 2),
  'Postgres killed during a migration': async (stack, _, pauseMs) => {
    const name = `migrated_${randomUUID().slice(0, 8)}`;
    await stack.query(`CREATE SCHEMA ${name}`);
    const url = `${stack.postgres.url}?schema=${name}`;
    const interrupted = migrate(url, process.cwd()).catch(() => undefined);
    await pause(pauseMs / 5);
    await stack.postgres.signal('SIGKILL');
    await interrupted;
    await stack.postgres.start();
    await migrate(url, process.cwd());
    await stack.query(`DROP SCHEMA ${name} CASCADE`);
  },
  'Redis like a hosted one': (stack) =>
    redis(stack, async (client) => {
      await client.acl('SETUSER', 'default', '-config');
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal');
    }),
  'another service killed while it starts': killStartingService,
  'clock of the worker jumps ahead': async (stack, jobId, pauseMs) =>
    wrongClock(await holder(stack, jobId), CLOCK_JUMP_SECONDS, pauseMs),
  'clock of the worker jumps back': async (stack, jobId, pauseMs) =>
    wrongClock(await holder(stack, jobId), -CLOCK_JUMP_SECONDS, pauseMs),
  'clock of the API jumps': (stack, _, pauseMs) =>
    wrongClock(stack.api, CLOCK_JUMP_SECONDS, pauseMs),
  'event loop of the worker blocked': async (stack, jobId) => {
    (await holder(stack, jobId)).signal('SIGUSR2');
    await jump(stack);
  },
  'event loop of the API blocked': async (stack) => stack.api.signal('SIGUSR2'),
  'clock of the database jumps ahead': async (stack) => void (await jump(stack)),
  'container removed': async (stack, jobId) => {
    const ids = stack
      .docker('ps', '-q', '--filter', `label=qibench.job=${jobId}`)
      .split('\n')
      .filter((id) => id !== '');
    for (const id of ids)
      await Promise.resolve()
        .then(() => stack.docker('rm', '-f', id))
        .catch(() => undefined);
  },
  'announced twice': async (stack, jobId) => {
    const queue = await openQueue(stack.redis.url);
    for (let time = 0; time < 3; time += 1) await queue.wakeWorkers([{ jobId, id: randomUUID() }]);
    await queue.close();
  },
  'disk of Docker full': async (stack, _, pauseMs) => {
    const give = stack.ownDocker!.disk.fill();
    await pause(1_000 + pauseMs * 2);
    give();
  },
  'disk of Docker slow': (stack, _, pauseMs) => stack.ownDocker!.disk.slow(1_000 + pauseMs * 2),
  'Docker killed': async (stack, _, pauseMs) => {
    await stack.ownDocker!.stop('SIGKILL');
    await pause(pauseMs);
    await stack.ownDocker!.start();
  },
  'Docker restarted': async (stack, _, pauseMs) => {
    await stack.ownDocker!.stop('SIGTERM');
    await pause(pauseMs);
    await stack.ownDocker!.start();
  },
};

/** Faults that need the suite's own Docker engine. */
export const DOCKER_FAULTS: readonly string[] = [
  'Docker killed',
  'Docker restarted',
  'disk of Docker full',
  'disk of Docker slow',
];
