// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { LABEL, UPLOADED_CONTENT, type Engine } from './engine.js';
import { call } from './docker-call.js';
import { statusOf } from './docker-errors.js';

/**
 * Returns whether eviction may remove a cached image, because it can be rebuilt. The other images
 * of a job (base, toolchain, runner, unpatched source) are few and slow to get, and stay.
 */
const isRemovable = (tag: string): boolean =>
  /^qibench\/(build|tree|workload):/.test(tag) || UPLOADED_CONTENT.test(tag);
const NAMELESS = '<none>:<none>';
/** The compiler cache, and the mirrors of repositories. */
const KEPT_VOLUMES = ['qibench-ccache', 'qibench-mirrors'];

interface Usage {
  readonly Images:
    | readonly {
        readonly Id: string;
        readonly RepoTags: readonly string[] | null;
        readonly Labels: Record<string, string> | null;
        readonly Size: number;
        readonly SharedSize: number;
        readonly Created: number;
      }[]
    | null;
  readonly Volumes:
    | readonly {
        readonly Name: string;
        readonly CreatedAt?: string;
        readonly UsageData?: { readonly Size: number } | null;
      }[]
    | null;
}

/** Docker implementation of the image and volume cache. */
export function keptOn(
  docker: Docker,
): Pick<Engine, 'engine' | 'listCached' | 'evict' | 'removeDangling'> {
  return {
    async engine() {
      const info = (await call('info', () => docker.info())) as {
        ID: string;
        DockerRootDir: string;
      };
      return { id: info.ID, dataFolder: info.DockerRootDir };
    },
    async listCached() {
      const usage = (await call('disk usage', () => docker.df())) as Usage;
      const images = (usage.Images ?? [])
        .filter(
          ({ Labels: labels }) =>
            labels?.[LABEL.owner] === '1' || labels?.[LABEL.key] !== undefined,
        )
        .flatMap(({ Id: id, RepoTags: tags, Size: size, SharedSize: shared, Created: created }) => {
          const names = (tags ?? []).filter((tag) => tag !== NAMELESS);
          // Requires both name and label: images of other programs may have either. An image without
          // a name is listed by its id.
          return (names.length === 0 ? [id] : names.filter(isRemovable)).map((name) => ({
            name,
            kind: 'image' as const,
            bytes: size - Math.max(shared, 0),
            createdMs: created * 1_000,
          }));
        });
      const volumes = (usage.Volumes ?? [])
        .filter(({ Name: name }) => KEPT_VOLUMES.includes(name))
        .map(({ Name: name, CreatedAt: created, UsageData: data }) => ({
          name,
          kind: 'volume' as const,
          bytes: Math.max(data?.Size ?? 0, 0),
          createdMs: Date.parse(created ?? '') || 0,
        }));
      return [...images, ...volumes];
    },
    async removeDangling(olderThanMs) {
      const { SystemTime: now } = (await call('info', () => docker.info())) as {
        SystemTime: string;
      };
      const images = await call('list images', () =>
        docker.listImages({ filters: { dangling: ['true'], label: [LABEL.key] } }),
      );
      const ids = images
        .filter(({ Created: created }) => created * 1_000 < Date.parse(now) - olderThanMs)
        .map(({ Id: id }) => id);
      const removed = await Promise.all(ids.map((id) => this.evict(id, 'image')));
      return ids.filter((_, index) => removed[index]);
    },
    async evict(name, kind) {
      try {
        await call('remove', () =>
          kind === 'image' ? docker.getImage(name).remove() : docker.getVolume(name).remove(),
        );
        return true;
      } catch (error) {
        const status = statusOf((error as Error).cause);
        if (status === 404) return true;
        if (status === 409) return false;
        throw error;
      }
    },
  };
}
