// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file of a commit: its content, or a link's target, or a submodule's commit. */
export type CommittedFile =
  | string
  | { readonly link: string }
  | { readonly submodule: string }
  | { readonly program: string }
  | { readonly bytes: Buffer };

const AUTHOR = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

/** A bare repository for tests. */
export class TestRepository {
  constructor(readonly folder: string) {
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=master', folder]);
  }

  git(words: readonly string[], input: Buffer | string = ''): string {
    return execFileSync('git', ['--git-dir', this.folder, ...words], {
      input,
      encoding: 'utf8',
      env: { ...process.env, ...AUTHOR, GIT_INDEX_FILE: join(this.folder, 'test-index') },
      maxBuffer: 64 * 1024 * 1024,
    }).trim();
  }

  /** Commits these files, and no others. Returns the commit. */
  commit(files: Readonly<Record<string, CommittedFile>>, ref = 'refs/heads/master'): string {
    this.git(['read-tree', '--empty']);
    const lines = Object.entries(files).map(([path, file]) => {
      if (typeof file === 'object' && 'submodule' in file)
        return `160000 ${file.submodule}\t${path}`;
      const [mode, content] =
        typeof file === 'string'
          ? ['100644', file]
          : 'link' in file
            ? ['120000', file.link]
            : 'bytes' in file
              ? ['100644', file.bytes]
              : ['100755', file.program];
      return `${mode} ${this.git(['hash-object', '-w', '--stdin'], content)}\t${path}`;
    });
    this.git(['update-index', '-z', '--index-info'], lines.map((line) => `${line}\0`).join(''));
    return this.commitTree(this.git(['write-tree']), ref);
  }

  /** Commits a tree of raw entries, with names that git itself would not write. */
  commitEntries(entries: readonly { mode: string; name: string; object: string }[]): string {
    const raw = entries.map(({ mode, name, object }) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')]),
    );
    const tree = this.git(
      ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'],
      Buffer.concat(raw),
    );
    return this.commitTree(tree, 'refs/heads/raw');
  }

  commitTree(tree: string, ref: string): string {
    const commit = this.git(['commit-tree', tree, '-m', 'x']);
    this.git(['update-ref', ref, commit]);
    return commit;
  }
}

/** Serves repositories by git's own protocol, on every address of the machine. */
export class GitServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'qibench-git-'));
  #daemon: ChildProcess | null = null;
  #port = 0;

  repository(name: string): TestRepository {
    return new TestRepository(join(this.folder, name));
  }

  async start(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort();
    this.#daemon = spawn(
      'git',
      [
        'daemon',
        '--export-all',
        '--reuseaddr',
        `--port=${this.#port}`,
        `--base-path=${this.folder}`,
        this.folder,
      ],
      { stdio: 'ignore', detached: true },
    );
    while (!(await answers(this.#port))) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Ends the server; `start` starts it again under the same address. */
  async stop(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null) return;
    this.#daemon = null;
    const ended = once(daemon, 'exit');
    process.kill(-daemon.pid!, 'SIGKILL'); // with the children that serve
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Origin as containers reach it. */
  get origin(): string {
    return `git://${bridgeAddress()}:${this.#port}`;
  }

  /** Origin as this machine reaches it. */
  get loopback(): string {
    return `git://127.0.0.1:${this.#port}`;
  }
}

/** Returns the address of this machine on Docker's bridge. */
export function bridgeAddress(): string {
  // An interface without a container is down, and Node.js does not list it.
  const found = execFileSync(
    'docker',
    ['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}'],
    { encoding: 'utf8' },
  ).trim();
  if (!/^[\d.]+$/.test(found)) throw new Error('Docker has no bridge');
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
