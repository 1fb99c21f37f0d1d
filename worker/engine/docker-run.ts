// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import type { Channel, Ending, RunOptions } from './engine.js';
import { demultiplexer } from './demultiplex.js';
import { call } from './docker-call.js';
import { dockerError, ignoreGone } from './docker-errors.js';
import { QibenchError } from '#contract/error.js';

const DISK_INTERVAL_MS = 1_000;
const WATCH_INTERVAL_MS = 5_000;
/** Exit status of a process that SIGKILL ended. */
const KILLED = 137;

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
  const { stream, closed, ended } = await start(container, onOutput, true);
  const ending = Promise.race([ended, closed.then(() => watch(container))])
    .then(async (exitStatus) => {
      const { State: state } = await call('inspect', () => container.inspect());
      return { exitStatus, outOfMemory: state.OOMKilled };
    })
    .finally(() => (stream as unknown as { destroy?: () => void }).destroy?.());
  ending.catch(() => undefined);
  return { write: (bytes) => void stream.write(bytes), ended: ending };
}

/** Starts a container and waits for its end; implements the engine's `run`. */
export async function runContainer(
  docker: Docker,
  id: string,
  options: RunOptions,
): Promise<Ending> {
  const container = docker.getContainer(id);
  options.signal?.throwIfAborted();
  const { stream, closed, ended } = await start(container, options.onOutput, false);

  let timedOut = false;
  let outOfDisk = false;
  const kill = () => void ignoreGone(() => container.kill()).catch(() => undefined);
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeoutMs);
  const disk = watchDisk(container, options.diskBytes, () => {
    outOfDisk = true;
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
    const ending = { exitStatus, outOfMemory: state.OOMKilled, timedOut, outOfDisk };
    // A program inside the container cannot kill the container's first process.
    if (exitStatus === KILLED && !Object.values(ending).includes(true))
      throw new QibenchError('DOCKER_FAILED', {
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

/**
 * Polls the bytes that a container has written, because overlay2 has no quota on most file systems.
 */
function watchDisk(
  container: Docker.Container,
  limitBytes: number | undefined,
  onFull: () => void,
): NodeJS.Timeout | undefined {
  if (limitBytes === undefined) return undefined;
  let looking = false;
  return setInterval(() => {
    if (looking) return; // counting a large layer takes longer than the interval
    looking = true;
    void call('inspect', () => container.inspect({ size: true } as object))
      .then((seen) => ((seen as { SizeRw?: number }).SizeRw ?? 0) > limitBytes && onFull())
      .catch(() => undefined) // other calls report an engine that does not answer
      .finally(() => (looking = false));
  }, DISK_INTERVAL_MS);
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
    await after(WATCH_INTERVAL_MS); // the answer may still arrive
    throw new QibenchError('DOCKER_UNREACHABLE', {
      reason: 'the engine lost a container or was restarted',
    });
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
