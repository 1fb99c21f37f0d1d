// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { MARK, untilNoneMarked } from '#support/marked-processes.js';
import type { Stack } from './stack.js';

const END_LIMIT_MS = 20_000;
const START_LIMIT_MS = 90_000;

/**
 * Kills a `qibench up` with stores of its own within ten seconds of its start, then starts it again
 * on the same data folder and stops it.
 * @throws {Error} A process stays, or the second start fails.
 */
export async function killStartingService(
  stack: Stack,
  _jobId: string,
  pauseMs: number,
): Promise<void> {
  const mark = randomUUID();
  const killed = startUp(stack, mark);
  await after(pauseMs * 4);
  killed.process.kill('SIGKILL');
  await expectNoneLeft(mark);

  const second = startUp(stack, mark);
  const started = await Promise.race([
    second.started,
    second.ended.then(() => false),
    after(START_LIMIT_MS, false, { ref: false }),
  ]);
  second.process.kill('SIGTERM');
  const status = await second.ended;
  if (!started || status !== 0) throw new Error(`the second start: ${second.said()}`);
  await expectNoneLeft(mark);
}

function startUp({ folder, ownDocker }: Stack, mark: string) {
  const child = spawn(process.execPath, ['dist/services/cli/main.js', 'up'], {
    env: {
      ...process.env,
      ...(ownDocker === null ? {} : { DOCKER_HOST: ownDocker.host }),
      DATABASE_URL: '',
      REDIS_URL: '',
      QIBENCH_HOME: join(folder, 'up'),
      QIBENCH_LOCK_DIR: join(folder, 'lock'),
      QIBENCH_PORT: '0',
      QIBENCH_WORKER: 'up',
      [MARK]: mark,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const started = new Promise<true>((resolve) =>
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('service at')) resolve(true);
    }),
  );
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { process: child, started, ended, said: () => said };
}

async function expectNoneLeft(mark: string): Promise<void> {
  const left = await untilNoneMarked(mark, END_LIMIT_MS);
  if (left.length > 0)
    throw new Error(`left running: ${left.map(({ command }) => command).join('; ')}`);
}
