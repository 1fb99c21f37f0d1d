import type Docker from 'dockerode';
import type { Channel, Ending, RunOptions } from './engine.js';
import { demultiplexer } from './demultiplex.js';
import { call } from './docker-call.js';
import { dockerError, ignoreGone } from './docker-errors.js';
import { QibenchError } from '../../services/contract/error.js';

const DISK_INTERVAL_MS = 1_000;
const WATCH_INTERVAL_MS = 5_000;
/** Exit status of what was ended by SIGKILL. */
const KILLED = 137;

interface Started {
  readonly stream: NodeJS.ReadWriteStream;
  /** Resolves when nothing more comes out of the container. */
  readonly closed: Promise<void>;
  /** Resolves with the exit status; rejects where the engine does not answer. */
  readonly ended: Promise<number>;
}

/** Attaches to a container that has not been started, and starts it. */
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
  // 'next-exit' before start: the default condition would be met at once by a container that has not started.
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

/** Starts a container and leads into it; `open` of the backend. */
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

/** Start a container and wait for its end; `run` of the backend. */
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
  if (options.signal?.aborted === true) kill(); // while it was being started
  try {
    const exitStatus = await Promise.race([
      ended,
      Promise.race([closed, after(options.timeoutMs + 15_000)]).then(() => watch(container)),
    ]);
    await Promise.race([closed, after(2_000)]);
    options.signal?.throwIfAborted();
    const { State: state } = await call('inspect', () => container.inspect());
    const ending = { exitStatus, outOfMemory: state.OOMKilled, timedOut, outOfDisk };
    // Nothing within a container can kill its first process.
    if (exitStatus === KILLED && !Object.values(ending).includes(true))
      throw new QibenchError('DOCKER_FAILED', {
        operation: 'to run a container to its end',
        reason: 'somebody or something outside of it killed it',
      });
    return ending;
  } finally {
    clearTimeout(timer);
    clearInterval(disk);
    options.signal?.removeEventListener('abort', kill);
    (stream as unknown as { destroy?: () => void }).destroy?.();
  }
}

/** overlay2 has no quota on most file systems, so what a container has written is looked at from time to time. */
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
      .catch(() => undefined) // an engine that does not answer is found out elsewhere
      .finally(() => (looking = false));
  }, DISK_INTERVAL_MS);
}

/**
 * An engine that ends takes its containers and the answer to a wait with it, and the client library may never say so.
 * So once the output has ended we look for ourselves: a container that has ended without a word is not one that has
 * ended by itself. One that closed its output runs on.
 */
async function watch(container: Docker.Container): Promise<never> {
  for (;;) {
    await after(WATCH_INTERVAL_MS);
    const { State: state } = await call('inspect', () => container.inspect());
    if (state.Running) continue;
    await after(WATCH_INTERVAL_MS); // the answer may just be on its way
    throw new QibenchError('DOCKER_UNREACHABLE', {
      reason: 'the engine lost a container, or was restarted',
    });
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
