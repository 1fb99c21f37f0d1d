// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { LABEL, type Engine } from './engine.js';
import { call } from './docker-call.js';
import { dockerError, statusOf } from './docker-errors.js';
import { QibenchError } from '#contract/error.js';

const COMMIT_LIMIT_MS = 10 * 60_000;
/**
 * Memory limit of an image build. Builds use our own Dockerfiles, with a job's numbers as
 * arguments.
 */
const BUILD_MEMORY_BYTES = 4 * 1024 ** 3;
const BUILD_LIMIT_MS = 30 * 60_000;
/** Lines of the engine itself, which say nothing of why a step failed. */
const OF_ENGINE = /^(?:---> |Removing intermediate container )/;

/** Docker implementation of images: pull, import, build from a Dockerfile, commit a container. */
export function imagesOn(
  docker: Docker,
): Pick<
  Engine,
  'hasImage' | 'imageId' | 'imageLabels' | 'pullImage' | 'importImage' | 'buildImage' | 'commit'
> {
  return {
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
        const stream = await docker.pull(tag, {
          abortSignal: AbortSignal.any([AbortSignal.timeout(300_000), ...(signal ? [signal] : [])]),
        });
        await followBuild(stream, tag, () => undefined);
        return true;
      } catch {
        return false; // no registry answers: the caller has a fallback
      }
    },
    async importImage(tar, tag) {
      const [repository, name] = splitTag(tag);
      try {
        const stream = await docker.importImage(tar as NodeJS.ReadableStream, {
          repo: repository,
          tag: name,
        });
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
          abortSignal: AbortSignal.any([
            AbortSignal.timeout(BUILD_LIMIT_MS),
            ...(options.signal ? [options.signal] : []),
          ]),
        });
        await followBuild(stream, options.tag, onLog);
      } catch (error) {
        options.signal?.throwIfAborted();
        throw dockerError(`build of ${options.tag}`, error);
      }
    },
    async commit(id, tag, labels) {
      const [repo, name] = splitTag(tag);
      // Labels pass from container to image, and from there to new containers. With a job's labels,
      // sweep() would remove those containers, so the inherited labels are cleared.
      const {
        Config: { Labels: inherited },
      } = await call('inspect', () => docker.getContainer(id).inspect());
      const blank = Object.fromEntries(Object.keys(inherited).map((key) => [key, '']));
      const changes = Object.entries({ ...blank, [LABEL.owner]: '1', ...labels }).map(
        ([key, value]) => `LABEL ${key}=${JSON.stringify(value)}`,
      );
      const before = await docker
        .getImage(tag)
        .inspect()
        .then(
          ({ Id }) => Id,
          () => null,
        );
      try {
        await docker.getContainer(id).commit({
          repo,
          tag: name,
          changes: changes.join('\n'),
          pause: false,
          abortSignal: AbortSignal.timeout(COMMIT_LIMIT_MS),
        });
      } catch (error) {
        throw dockerError(`commit of ${tag}`, error);
      }
      if (before !== null) await removeIfNameless(docker, before);
    },
  };
}

/**
 * Removes an image whose tag moved to another image. If a container still uses the image, a sweep
 * removes it later.
 */
async function removeIfNameless(docker: Docker, id: string): Promise<void> {
  const image = docker.getImage(id);
  const named = await image.inspect().then(
    ({ RepoTags: tags }) => tags.length > 0,
    () => true,
  );
  if (!named) await image.remove().catch(() => undefined);
}

async function followBuild(
  stream: NodeJS.ReadableStream,
  image: string,
  onLog: (text: string) => void,
): Promise<void> {
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
        const said = message.stream.trim();
        if (said !== '' && !OF_ENGINE.test(said)) lastLine = said;
      }
      if (message.error !== undefined) failure = message.error;
    }
  }
  if (failure !== undefined)
    throw new QibenchError('IMAGE_BUILD_FAILED', {
      image,
      lastLine: `${failure} (after: ${lastLine})`,
    });
}

/** Splits `repository:tag` at the last colon. */
export function splitTag(tag: string): [string, string] {
  const colon = tag.lastIndexOf(':');
  return [tag.slice(0, colon), tag.slice(colon + 1)];
}
