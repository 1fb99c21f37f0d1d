// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A git repository with a remote, like a workflow's. */
export class TestRepository {
  readonly root = mkdtempSync(join(tmpdir(), 'qibench-repository-'));
  readonly workspace = join(this.root, 'work');
  readonly remote = join(this.root, 'remote.git');

  constructor() {
    execFileSync('git', ['init', '-q', '--bare', this.remote]);
    execFileSync('git', ['-C', this.remote, 'config', 'uploadpack.allowAnySHA1InWant', 'true']);
    execFileSync('git', ['init', '-q', '-b', 'main', this.workspace]);
    this.git('remote', 'add', 'origin', `file://${this.remote}`);
  }

  git(...args: string[]): string {
    return execFileSync(
      'git',
      [
        '-C',
        this.workspace,
        '-c',
        'user.name=A',
        '-c',
        'user.email=a@example.org',
        '-c',
        'commit.gpgSign=false',
        ...args,
      ],
      { encoding: 'utf8' },
    ).trim();
  }

  write(path: string, content: string): this {
    mkdirSync(dirname(join(this.workspace, path)), { recursive: true });
    writeFileSync(join(this.workspace, path), content);
    return this;
  }

  copy(from: string, to: string): this {
    cpSync(from, join(this.workspace, to), { recursive: true });
    return this;
  }

  /** Commits all changes, pushes them and returns the commit. */
  commit(message: string): string {
    this.git('add', '--all');
    this.git('commit', '-q', '-m', message);
    this.git('push', '-q', '--force', 'origin', 'HEAD');
    return this.git('rev-parse', 'HEAD');
  }

  commitEmpty(message: string): string {
    this.git('commit', '-q', '--allow-empty', '-m', message);
    this.git('push', '-q', '--force', 'origin', 'HEAD');
    return this.git('rev-parse', 'HEAD');
  }

  /** A checkout of one commit without history, as actions/checkout makes it. */
  shallow(commit: string): string {
    const folder = mkdtempSync(join(this.root, 'shallow-'));
    execFileSync('git', ['init', '-q', folder]);
    for (const args of [
      ['remote', 'add', 'origin', `file://${this.remote}`],
      ['fetch', '-q', '--depth=1', 'origin', commit],
      ['checkout', '-q', '--detach', commit],
    ])
      execFileSync('git', ['-C', folder, ...args]);
    return folder;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
