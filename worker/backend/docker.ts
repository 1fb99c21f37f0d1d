import Docker from 'dockerode';
import { PassThrough, Readable } from 'node:stream';
import { LABEL, type Backend, type ContainerSpec, type Ending, type RunOptions } from './backend.js';
import { demultiplexer } from './demultiplex.js';
import { toCreateOptions } from './docker-convert.js';
import { keptOn } from './docker-kept.js';
import { dockerError, ignoreGone, statusOf } from './docker-errors.js';
import { QibenchError } from '../../services/contract/error.js';

/** A daemon that does not answer a small request within this is unreachable: the client library alone would wait for ever. */
const REQUEST_LIMIT_MS = 60_000;
const DISK_INTERVAL_MS = 1_000;
const WATCH_INTERVAL_MS = 5_000;
const COMMIT_LIMIT_MS = 10 * 60_000;
/** Exit status of what was ended by SIGKILL. */
const KILLED = 137;
/** Of an image build: our own Dockerfiles, with numbers of a job as arguments. */
const BUILD_MEMORY_BYTES = 4 * 1024 ** 3;
const BUILD_LIMIT_MS = 30 * 60_000;

/**
 * Containers on a Docker engine. Reads DOCKER_HOST and its companions as Docker's own client does.
 *
 * @param runtime what runs the containers, by a name that the engine knows; null: its default
 */
export function dockerBackend(docker: Docker = new Docker(), runtime: string | null = null): Backend {
  async function call<T>(operation: string, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
    try {
      return await Promise.race([request(signal), rejection(signal)]);
    } catch (error) {
      throw dockerError(operation, error);
    }
  }

  async function run(id: string, options: RunOptions): Promise<Ending> {
    const container = docker.getContainer(id);
    options.signal?.throwIfAborted();
    const stream = await call('attach', () => container.attach({ stream: true, stdout: true, stderr: true }));
    const closed = new Promise<void>((resolve) => stream.once('close', resolve).once('end', resolve).on('error', () => resolve()));
    stream.on('data', demultiplexer(options.onOutput));
    // 'next-exit' before start: the default condition would be met at once by a container that has not started.
    const ended = container.wait({ condition: 'next-exit' }).then(
      (result: { StatusCode: number }) => result.StatusCode,
      (error: unknown) => {
        throw dockerError('wait', error);
      },
    );
    ended.catch(() => undefined);
    await call('start', () => container.start());

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
    try {
      const exitStatus = await Promise.race([ended, Promise.race([closed, after(options.timeoutMs + 15_000)]).then(() => watch(container))]);
      await Promise.race([closed, after(2_000)]);
      options.signal?.throwIfAborted();
      const { State: state } = await call('inspect', () => container.inspect());
      const ending = { exitStatus, outOfMemory: state.OOMKilled, timedOut, outOfDisk };
      // Nothing within a container can kill its first process.
      if (exitStatus === KILLED && !Object.values(ending).includes(true)) throw new QibenchError('DOCKER_FAILED', { operation: 'to run a container to its end', reason: 'somebody or something outside of it killed it' });
      return ending;
    } finally {
      clearTimeout(timer);
      clearInterval(disk);
      options.signal?.removeEventListener('abort', kill);
      (stream as unknown as { destroy?: () => void }).destroy?.();
    }
  }

  /** overlay2 has no quota on most file systems, so what a container has written is looked at from time to time. */
  function watchDisk(container: Docker.Container, limitBytes: number | undefined, onFull: () => void): NodeJS.Timeout | undefined {
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
      throw new QibenchError('DOCKER_UNREACHABLE', { reason: 'the engine lost a container, or was restarted' });
    }
  }

  async function followBuild(stream: NodeJS.ReadableStream, image: string, onLog: (text: string) => void): Promise<void> {
    let rest = '';
    let lastLine = '';
    let failure: string | undefined;
    for await (const chunk of stream) {
      rest += String(chunk);
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((text) => text.trim() !== '')) {
        const message = JSON.parse(line) as { stream?: string; error?: string };
        if (message.stream !== undefined) {
          onLog(message.stream);
          if (message.stream.trim() !== '') lastLine = message.stream.trim();
        }
        if (message.error !== undefined) failure = message.error;
      }
    }
    if (failure !== undefined) throw new QibenchError('IMAGE_BUILD_FAILED', { image, lastLine: `${failure} (after: ${lastLine})` });
  }

  return {
    run,
    ...keptOn(docker, call),
    async version() {
      const version = await call('version', () => docker.version());
      const components = (version.Components ?? []) as { Name: string; Version: string }[];
      const runc = components.find((part) => part.Name === 'runc')?.Version ?? 'unknown';
      const name = runtime ?? ((await call('info', () => docker.info())) as { DefaultRuntime: string }).DefaultRuntime;
      return { engine: version.Version, runtime: name === 'runc' ? runc : name };
    },
    async hasImage(tag) {
      try {
        await call('inspect image', () => docker.getImage(tag).inspect());
        return true;
      } catch (error) {
        if (statusOf((error as Error).cause) === 404) return false;
        throw error;
      }
    },
    imageId: (tag) => call('inspect image', async () => (await docker.getImage(tag).inspect()).Id),
    async imageLabels(tag) {
      const image = await call('inspect image', () => docker.getImage(tag).inspect());
      return image.Config?.Labels ?? {};
    },
    async pullImage(tag, signal) {
      try {
        const stream = await docker.pull(tag, { abortSignal: AbortSignal.any([AbortSignal.timeout(300_000), ...(signal ? [signal] : [])]) });
        await followBuild(stream, tag, () => undefined);
        return true;
      } catch {
        return false; // no registry answers: the caller has another way
      }
    },
    async importImage(tar, tag) {
      const [repository, name] = splitTag(tag);
      try {
        const stream = await docker.importImage(tar as NodeJS.ReadableStream, { repo: repository, tag: name });
        await followBuild(stream, tag, () => undefined);
      } catch (error) {
        throw dockerError(`import of ${tag}`, error);
      }
    },
    async buildImage(context, options, onLog) {
      try {
        const stream = await docker.buildImage(context as NodeJS.ReadableStream, {
          t: options.tag,
          buildargs: options.arguments as unknown as Record<string, string>,
          labels: { [LABEL.owner]: '1', ...options.labels } as unknown as Record<string, string>,
          rm: true,
          forcerm: true,
          memory: BUILD_MEMORY_BYTES,
          memswap: BUILD_MEMORY_BYTES,
          abortSignal: AbortSignal.any([AbortSignal.timeout(BUILD_LIMIT_MS), ...(options.signal ? [options.signal] : [])]),
        });
        await followBuild(stream, options.tag, onLog);
      } catch (error) {
        options.signal?.throwIfAborted();
        throw dockerError(`build of ${options.tag}`, error);
      }
    },
    create: (spec: ContainerSpec) => call('create', async () => (await docker.createContainer(toCreateOptions(spec, runtime))).id),
    async copyIn(id, path, tar) {
      const body = Buffer.isBuffer(tar) ? Readable.from([tar]) : tar;
      await call('copy into container', () => docker.getContainer(id).putArchive(body as NodeJS.ReadableStream, { path }));
    },
    async copyOut(id, path) {
      try {
        const archive = await call('copy from container', async () => (await docker.getContainer(id).getArchive({ path })) as Readable);
        const content = archive.pipe(new PassThrough());
        archive.on('error', (error) => content.destroy(dockerError('copy from container', error))); // the engine ended in the middle
        content.once('close', () => archive.destroy());
        return content;
      } catch (error) {
        if (statusOf((error as Error).cause) === 404) throw new QibenchError('NOT_FOUND', { what: 'file', id: path }, { cause: error });
        throw error;
      }
    },
    async commit(id, tag, labels) {
      const [repo, name] = splitTag(tag);
      // An image inherits the labels of its container, and containers those of their image: sweep() would take them for a job's.
      const { Config: { Labels: inherited } } = await call('inspect', () => docker.getContainer(id).inspect());
      const blank = Object.fromEntries(Object.keys(inherited).map((key) => [key, '']));
      const changes = Object.entries({ ...blank, [LABEL.owner]: '1', ...labels }).map(([key, value]) => `LABEL ${key}=${JSON.stringify(value)}`);
      try {
        await docker.getContainer(id).commit({ repo, tag: name, changes: changes.join('\n'), pause: false, abortSignal: AbortSignal.timeout(COMMIT_LIMIT_MS) });
      } catch (error) {
        throw dockerError(`commit of ${tag}`, error);
      }
    },
    remove: (id) => call('remove', () => ignoreGone(() => docker.getContainer(id).remove({ force: true, v: true }))),
    async createVolume(name, labels) {
      await call('create volume', () => docker.createVolume({ Name: name, Labels: { [LABEL.owner]: '1', ...labels } }));
    },
    removeVolume: (name) => call('remove volume', () => ignoreGone(() => docker.getVolume(name).remove({ force: true }))),
    async labelled(label) {
      const containers = await call('list containers', () => docker.listContainers({ all: true, filters: { label: [label] } }));
      const { Volumes: volumes } = await call('list volumes', () => docker.listVolumes({ filters: { label: [label] } }));
      return [...containers, ...(volumes ?? [])].map(({ Labels: labels }) => labels ?? {});
    },
    async sweep(labels) {
      const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const containers = await call('list containers', () => docker.listContainers({ all: true, filters: { label } }));
      for (const { Id: id } of containers) await this.remove(id);
      const { Volumes: volumes } = await call('list volumes', () => docker.listVolumes({ filters: { label } }));
      for (const { Name: name } of volumes ?? []) await this.removeVolume(name);
      return { containers: containers.length, volumes: volumes?.length ?? 0 };
    },
  };
}

function splitTag(tag: string): [string, string] {
  const colon = tag.lastIndexOf(':');
  return [tag.slice(0, colon), tag.slice(colon + 1)];
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}
