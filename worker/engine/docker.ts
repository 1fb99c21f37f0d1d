// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { PassThrough, Readable } from 'node:stream';
import { LABEL, type Engine, type ContainerSpec } from './engine.js';
import { call } from './docker-call.js';
import { dockerClient } from './docker-client.js';
import { toCreateOptions, type EngineSettings } from './docker-convert.js';
import { dockerError, ignoreGone, statusOf } from './docker-errors.js';
import { imagesOn } from './docker-images.js';
import { keptOn } from './docker-cache.js';
import { registryOn } from './docker-registry.js';
import { openContainer, runContainer } from './docker-run.js';
import { quotaOn } from './disk-quota.js';
import { spaceOfEngine } from './disk-space.js';
import { QibenchError } from '#contract/error.js';

/** Time limit to copy files into a container: a workload has up to 2 GiB. */
const COPY_LIMIT_MS = 10 * 60_000;

/** Docker implementation of the engine. */
export function dockerBackend(settings: EngineSettings, docker: Docker = dockerClient()): Engine {
  const { runtime, seccomp } = settings;
  const create = quotaOn(docker);
  const space = spaceOfEngine(keptOn(docker));
  return {
    ...imagesOn(docker),
    ...keptOn(docker),
    ...registryOn(docker),
    async version() {
      const version = await call('version', () => docker.version());
      const components = (version.Components ?? []) as { Name: string; Version: string }[];
      const runc = components.find((part) => part.Name === 'runc')?.Version ?? 'unknown';
      const name =
        runtime ??
        ((await call('info', () => docker.info())) as { DefaultRuntime: string }).DefaultRuntime;
      // Another seccomp profile, with counters open, changes timings: such a host is another host.
      return {
        engine: version.Version,
        runtime: `${name === 'runc' ? runc : name}${seccomp.perf === null ? '' : ' with perf_event_open'}`,
      };
    },
    run: (id, options) => runContainer(docker, id, options, space),
    open: (id, onOutput) => openContainer(docker, id, onOutput),
    create: (spec: ContainerSpec) =>
      call(
        'create',
        async () => (await create(toCreateOptions(spec, settings), spec.rootBytes)).id,
      ),
    async copyIn(id, path, tar) {
      const body = Buffer.isBuffer(tar) ? Readable.from([tar]) : tar;
      // A source that fails does not end the request, which would wait for the rest.
      const stop = new AbortController();
      const failed = new Promise<never>((_, reject) =>
        body.once('error', (error) => {
          reject(error);
          stop.abort(error);
        }),
      );
      failed.catch(() => undefined);
      const put = (signal: AbortSignal) =>
        docker.getContainer(id).putArchive(body as NodeJS.ReadableStream, {
          path,
          abortSignal: AbortSignal.any([signal, stop.signal]),
        });
      await call(
        'copy into container',
        (signal) => Promise.race([put(signal), failed]),
        COPY_LIMIT_MS,
      );
    },
    async copyOut(id, path) {
      try {
        const archive = await call(
          'copy from container',
          async () => (await docker.getContainer(id).getArchive({ path })) as Readable,
        );
        const content = archive.pipe(new PassThrough());
        // The engine may end in the middle of the archive.
        archive.on('error', (error) => content.destroy(dockerError('copy from container', error)));
        content.once('close', () => archive.destroy());
        return content;
      } catch (error) {
        if (statusOf((error as Error).cause) === 404)
          throw new QibenchError('NOT_FOUND', { what: 'file', id: path }, { cause: error });
        throw error;
      }
    },
    remove: (id) =>
      call('remove', () =>
        ignoreGone(() => docker.getContainer(id).remove({ force: true, v: true })),
      ),
    async createVolume(name, labels) {
      await call('create volume', () =>
        docker.createVolume({ Name: name, Labels: { [LABEL.owner]: '1', ...labels } }),
      );
    },
    removeVolume: (name) =>
      call('remove volume', () => ignoreGone(() => docker.getVolume(name).remove({ force: true }))),
    async labelled(label) {
      const containers = await call('list containers', () =>
        docker.listContainers({ all: true, filters: { label: [label] } }),
      );
      const { Volumes: volumes } = await call('list volumes', () =>
        docker.listVolumes({ filters: { label: [label] } }),
      );
      return [...containers, ...(volumes ?? [])].map(({ Labels: labels }) => labels ?? {});
    },
    async sweep(labels) {
      const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const containers = await call('list containers', () =>
        docker.listContainers({ all: true, filters: { label } }),
      );
      for (const { Id: id } of containers) await this.remove(id);
      const { Volumes: volumes } = await call('list volumes', () =>
        docker.listVolumes({ filters: { label } }),
      );
      for (const { Name: name } of volumes ?? []) await this.removeVolume(name);
      return { containers: containers.length, volumes: volumes?.length ?? 0 };
    },
  };
}
