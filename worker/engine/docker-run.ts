// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import type { Channel, Ending, RunOptions } from './engine.js';
import { demultiplexer } from './demultiplex.js';
import { call } from './docker-call.js';
import { dockerError, ignoreGone } from './docker-errors.js';
import { KILLED, watchForKill } from './docker-killed.js';
import { belowFloor, type DiskSpace } from './disk-space.js';
import { QibenchError } from '#contract/error.js';

const DISK_INTERVAL_MS = 1_000;
const WATCH_INTERVAL_MS = 5_000;
/** Time for the answer about a container that has ended: a busy engine answers seconds late. */
const ANSWER_LIMIT_MS = 30_000;
/** Time to count the bytes of a container that has ended; with too many files it takes longer. */
const COUNT_LIMIT_MS = 30_000;

interface Started {
  readonly stream: NodeJS.ReadWriteStream;
  /** Resolves when the container's output has ended. */
  readonly closed: Promise<void>;
  /** Resolves with the exit status; rejects if the engine does not answer. */
  readonly ended: Promise<number>;
}

/** Attaches to a new container, then starts it. */
async function start(
  container: Docker.Container,
  onOutput: RunOptions['onOutput'],
  stdin: boolean,
): Promise<Started> {
  const stream = await call('attach', () =>
    container.attach({ stream: true, stdin, hijack: stdin, stdout: true, stderr: true }),
  );
  const closed = new Promise<void>((resolve) =>
    stream
      .once('close', resolve)
      .once('end', resolve)
      .on('error', () => resolve()),
  );
  stream.on('data', demultiplexer(onOutput));
  // 'next-exit' before start: a container that has not started meets the default condition at once.
  const ended = container.wait({ condition: 'next-exit' }).then(
    (result: { StatusCode: number }) => result.StatusCode,
    (error: unknown) => {
      throw dockerError('wait', error);
    },
  );
  ended.catch(() => undefined);
  await call('start', () => container.start());
  return { stream, closed, ended };
}

/** Starts a container and returns a channel to it; implements the engine's `open`. */
export async function openContainer(
  docker: Docker,
  id: string,
  onOutput: RunOptions['onOutput'],
): Promise<Channel> {
  const container = docker.getContainer(id);
  const wasKilledFromWithin = await watchForKill(docker, id);
  const { stream, closed, ended } = await start(container, onOutput, true);
  const ending = Promise.race([ended, closed.then(() => watch(container))])
    .then(async (exitStatus) => {
      const { State: state } = await call('inspect', () => container.inspect());
      const { OOMKilled: outOfMemory } = state;
      const killedFromWithin =
        exitStatus === KILLED && !outOfMemory && (await wasKilledFromWithin(state));
      return { exitStatus, outOfMemory, killedFromWithin };
    })
    .finally(() => (stream as unknown as { destroy?: () => void }).destroy?.());
  ending.catch(() => undefined);
  return { write: (bytes) => void stream.write(bytes), ended: ending };
}

/**
 * Starts a container and waits for its end; implements the engine's `run`.
 * @param space Returns the space of the engine's disk; null if it is unknown.
 */
export async function runContainer(
  docker: Docker,
  id: string,
  options: RunOptions,
  space: () => Promise<DiskSpace | null>,
  countLimitMs = COUNT_LIMIT_MS,
): Promise<Ending> {
  const container = docker.getContainer(id);
  const wasKilledFromWithin = await watchForKill(docker, id);
  options.signal?.throwIfAborted();
  const { stream, closed, ended } = await start(container, options.onOutput, false);

  let timedOut = false;
  let full: Full | null = null;
  const kill = () => void ignoreGone(() => container.kill()).catch(() => undefined);
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeoutMs);
  const disk = watchDisk(container, options.diskBytes, space, (what) => {
    full ??= what;
    kill();
  });
  options.signal?.addEventListener('abort', kill, { once: true });
  if (options.signal?.aborted === true) kill(); // aborted while the container started
  try {
    const exitStatus = await Promise.race([
      ended,
      Promise.race([closed, after(options.timeoutMs + 15_000)]).then(() => watch(container)),
    ]);
    await Promise.race([closed, after(2_000)]);
    options.signal?.throwIfAborted();
    const { State: state } = await call('inspect', () => container.inspect());
    const outOfDisk = await filledDisk(container, {
      limitBytes: options.diskBytes,
      full,
      space,
      countLimitMs,
    });
    const ending = { exitStatus, outOfMemory: state.OOMKilled, timedOut, outOfDisk };
    if (exitStatus === KILLED && !Object.values(ending).includes(true))
      throw (await wasKilledFromWithin(state))
        ? new QibenchError('KILLED_FROM_WITHIN')
        : new QibenchError('DOCKER_FAILED', {
            operation: 'to run a container to its end',
            reason: 'it was killed from outside',
          });
    return ending;
  } finally {
    clearTimeout(timer);
    clearInterval(disk);
    options.signal?.removeEventListener('abort', kill);
    (stream as unknown as { destroy?: () => void }).destroy?.();
  }
}

/** What is full: the container's limit is reached, or the engine's disk is nearly used up. */
type Full = 'limit' | 'disk';

/**
 * Polls the bytes that a container has written, because overlay2 has no quota on most file systems,
 * and the space of the engine's disk. Counting the bytes of many files takes minutes, looking at
 * the disk takes no time.
 */
function watchDisk(
  container: Docker.Container,
  limitBytes: number | undefined,
  space: () => Promise<DiskSpace | null>,
  onFull: (what: Full) => void,
): NodeJS.Timeout | undefined {
  if (limitBytes === undefined) return undefined;
  let counting = false;
  return setInterval(() => {
    void shortage(space).then((short) => short !== null && onFull('disk'));
    if (counting) return;
    counting = true;
    void writtenBytes(container)
      .then((bytes) => bytes > limitBytes && onFull('limit'))
      .catch(() => undefined) // other calls report an engine that does not answer
      .finally(() => (counting = false));
  }, DISK_INTERVAL_MS);
}

/**
 * Returns whether a container that has ended exceeded its limit, or filled the engine's disk: it
 * wrote more than half of its limit, or more files than can be counted in time. No usual build does
 * either.
 *
 * @throws {UNAVAILABLE} It was killed because others filled the disk.
 */
async function filledDisk(
  container: Docker.Container,
  {
    limitBytes,
    full,
    space,
    countLimitMs,
  }: {
    readonly limitBytes: number | undefined;
    /** Why it was killed; null: it ended by itself, maybe because the disk was full. */
    readonly full: Full | null;
    readonly space: () => Promise<DiskSpace | null>;
    readonly countLimitMs: number;
  },
): Promise<boolean> {
  if (limitBytes === undefined || full === 'limit') return full === 'limit';
  const short = await shortage(space);
  if (full === null && short === null) return false;
  const wroteMuch = await Promise.race([
    writtenBytes(container).then(
      (bytes) => bytes > limitBytes / 2,
      () => false,
    ),
    after(countLimitMs).then(() => true),
  ]);
  if (full === 'disk' && !wroteMuch)
    throw new QibenchError('UNAVAILABLE', {
      what: 'disk space',
      reason: `Docker's disk was nearly full${short === null ? '' : ` (${short})`}`,
    });
  return wroteMuch;
}

async function shortage(space: () => Promise<DiskSpace | null>): Promise<string | null> {
  const disk = await space().catch(() => null);
  return disk === null ? null : belowFloor(disk);
}

async function writtenBytes(container: Docker.Container): Promise<number> {
  const seen = await call('inspect', () => container.inspect({ size: true } as object));
  return (seen as { SizeRw?: number }).SizeRw ?? 0;
}

/**
 * Polls a container whose output has ended. When an engine stops, its containers end and the answer
 * to a wait is lost, and the client library may never report that. A container that ended without
 * an answer did not end by itself. A container that only closed its output runs on.
 */
async function watch(container: Docker.Container): Promise<never> {
  for (;;) {
    await after(WATCH_INTERVAL_MS);
    const { State: state } = await call('inspect', () => container.inspect());
    if (state.Running) continue;
    await after(ANSWER_LIMIT_MS);
    throw new QibenchError('DOCKER_UNREACHABLE', {
      reason: 'the engine lost a container or was restarted',
    });
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
