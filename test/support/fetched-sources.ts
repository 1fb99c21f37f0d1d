// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash, randomUUID } from 'node:crypto';
import type { QibenchError } from '#contract/error.js';
import { ensureFetched, MIRRORS, type FetchedSource } from '#worker/build/fetched.js';
import { ensureToolchain } from '#worker/build/images.js';
import type { Source } from '#worker/build/patched.js';
import { openContainer, runScript } from '#worker/build/script.js';
import { readVersions, type VersionEntry } from '#worker/build/versions.js';
import { testContext } from './context.js';
import { GitServer, type TestRepository } from './git-server.js';

/** Files of the smallest tree that passes for QEMU's. */
export const TREE = {
  configure: { program: '#!/bin/sh\nexit 1\n' },
  VERSION: '10.0.50\n',
};

/** Sources of users, fetched from a server of this machine by the real fetcher in Docker. */
export class FetchedSources {
  readonly server = new GitServer();
  readonly labels = { 'qibench.test': `sources-${process.pid}-${randomUUID()}` };
  /** Content of every upload. */
  uploaded: Buffer = Buffer.alloc(0);
  logged = '';
  readonly base = testContext(process.cwd(), this.labels);
  readonly context = {
    ...this.base,
    progress: {
      ...this.base.progress,
      log: (_: unknown, text: string) => void (this.logged += text),
    },
  };
  #entry!: VersionEntry;
  #toolchain!: { tag: string; key: string };
  readonly #tags: string[] = [];

  async start(): Promise<void> {
    this.#entry = (await readVersions(process.cwd()))['7.2']!;
    this.#toolchain = await ensureToolchain(this.base, this.#entry);
    await this.server.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#tags.map((tag) => this.base.backend.evict(tag, 'image')));
    await this.base.backend.sweep(this.labels);
    await this.server.remove();
  }

  newRepository(): TestRepository {
    return this.server.repository(`${randomUUID()}.git`);
  }

  /** Address of a repository, as containers reach it. */
  addressOf({ folder }: TestRepository): string {
    return `${this.server.origin}/${folder.slice(this.server.folder.length + 1)}`;
  }

  git(
    repository: TestRepository,
    commit: string,
    subprojects: 'fetch' | 'none' = 'fetch',
  ): FetchedSource {
    return { git: this.addressOf(repository), commit, subprojects };
  }

  upload(content: Buffer): FetchedSource {
    this.uploaded = content;
    return { upload: `sha256:${createHash('sha256').update(content).digest('hex')}` };
  }

  async fetch(
    source: FetchedSource,
    limits = this.context.limits,
    hosts = [this.server.origin],
  ): Promise<Source> {
    const { uploaded } = this;
    const found = await ensureFetched({ ...this.context, limits }, source, {
      entry: this.#entry,
      toolchain: this.#toolchain,
      hosts,
      openUpload: async () => ({
        files: [{ path: 'source.tar', sizeBytes: uploaded.length }],
        async *content() {
          yield uploaded;
        },
      }),
    });
    this.#tags.push(found.tag);
    return found;
  }

  /** Returns the error with which a fetch fails. */
  async refusal(...asked: Parameters<FetchedSources['fetch']>): Promise<QibenchError> {
    try {
      await this.fetch(...asked);
    } catch (error) {
      return error as QibenchError;
    }
    throw new Error('it was accepted');
  }

  /** Returns the limits of a worker, with a small disk for sources. */
  get smallDisk(): FetchedSources['context']['limits'] {
    const { limits } = this.context;
    return { ...limits, source: { ...limits.source, diskBytes: 256 * 1024 ** 2 } };
  }

  /** Runs a script in a container of an image; returns its output. */
  async inside(image: string, script: string, mirror = false): Promise<string> {
    let text = '';
    const { base } = this;
    const quiet = {
      ...base,
      progress: { ...base.progress, log: (_: unknown, chunk: string) => void (text += chunk) },
    };
    const limits = base.limits.small;
    await using container = await openContainer(quiet, {
      image,
      command: ['sh', '-c', script],
      user: '1000:1000',
      network: 'none',
      limits,
      ...(mirror ? { mounts: [{ volume: MIRRORS, path: '/mirror', readOnly: true }] } : {}),
    });
    await runScript(quiet, container.id, { step: 'source', what: 'test', limits, uploaded: null });
    return text;
  }
}
