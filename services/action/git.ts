// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import { isUploadable, type FolderFile } from '#client/folder.js';
import { QibenchError } from '#contract/error.js';
import { UPLOAD_LIMITS } from '#contract/upload.js';

const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;
/** Fetch depths, tried in this order until git finds a merge base; the last fetches everything. */
const DEPTHS = ['--depth=50', '--depth=1000', '--unshallow'];

/** Reads commits of a checkout as data; it never writes out or runs a file of them. */
export class Git {
  constructor(private readonly workspace: string) {}

  /**
   * Returns the commit that a revision names.
   * @throws {NO_COMMIT} The checkout does not have it.
   */
  async commit(revision: string): Promise<string> {
    return (
      await this.#text([
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${revision}^{commit}`,
      ]).catch(() => {
        throw new QibenchError('NO_COMMIT', {
          what: revision,
          reason: 'git does not find it; let actions/checkout fetch the history (fetch-depth: 0)',
        });
      })
    ).trim();
  }

  /**
   * Fetches a commit that the checkout does not have, without its history.
   * @throws {NO_COMMIT} The commit cannot be fetched.
   */
  async need(commit: string): Promise<void> {
    if (await this.#has(commit)) return;
    await this.#fetch(['--depth=1', 'origin', commit]).catch((error: Error) => {
      throw new QibenchError('NO_COMMIT', {
        what: `commit ${commit}`,
        reason: `it cannot be fetched (${lastLine(error)})`,
      });
    });
  }

  /**
   * Returns the merge base of two commits. Deepens a shallow checkout as far as needed.
   * @throws {NO_COMMIT} The commits have no common history, or it cannot be fetched.
   */
  async mergeBase(base: string, head: string): Promise<string> {
    let reason = 'the two have no common history';
    for (const depth of [null, ...DEPTHS]) {
      if (depth !== null) {
        if (
          depth === '--unshallow' &&
          (await this.#text(['rev-parse', '--is-shallow-repository'])).trim() !== 'true'
        )
          break;
        await this.#fetch([depth, 'origin', head, base]).catch(
          (error: Error) => (reason = lastLine(error)),
        );
      }
      const found = await this.#text(['merge-base', base, head]).catch(() => '');
      if (found !== '') return found.trim();
    }
    throw new QibenchError('NO_COMMIT', {
      what: `the merge base of ${head} and ${base}`,
      reason: `${reason}; let actions/checkout fetch the history (fetch-depth: 0)`,
    });
  }

  /** Returns the content of a file at a commit; null if the commit does not have the file. */
  async file(commit: string, path: string): Promise<Buffer | null> {
    const [entry] = await this.#entries(commit, path);
    return entry === undefined || entry.path !== path
      ? null
      : this.#run(['cat-file', 'blob', entry.object]);
  }

  /**
   * Returns the uploadable files of a folder at a commit; null if the folder does not exist.
   * @param field Field of the job file that names the folder.
   * @throws {BAD_INPUT} The folder has a link or submodule, or exceeds the upload limits.
   */
  async folder(commit: string, folder: string, field: string): Promise<FolderFile[] | null> {
    const all = await this.#entries(commit, `${folder}/`);
    if (all.length === 0) return null;
    const entries = all
      .map((entry) => ({ ...entry, path: posix.relative(folder, entry.path) }))
      .filter(({ path }) => isUploadable(field, path));
    const link = entries.find(({ mode }) => mode !== '100644' && mode !== '100755');
    if (link !== undefined)
      throw new QibenchError('BAD_INPUT', {
        input: field,
        reason: `${folder}/${link.path} is a link or submodule; only regular files can be uploaded`,
      });
    const bytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (entries.length > UPLOAD_LIMITS.files || bytes > UPLOAD_LIMITS.unpackedBytes) {
      throw new QibenchError('BAD_INPUT', {
        input: field,
        reason:
          `${folder} has ${entries.length} files of ${bytes} bytes together; at most ` +
          `${UPLOAD_LIMITS.files} files and ${UPLOAD_LIMITS.unpackedBytes} bytes can be uploaded`,
      });
    }
    return Promise.all(
      entries.map(async ({ path, object }) => ({
        path,
        content: await this.#run(['cat-file', 'blob', object]),
      })),
    );
  }

  /**
   * Returns the commits from base to head as patches for patch(1), one a commit. If the commits
   * include a merge, which a series cannot express, returns a single diff instead.
   */
  async series(base: string, head: string): Promise<FolderFile[]> {
    const commits = (await this.#text(['rev-list', '--reverse', '--parents', `${base}..${head}`]))
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' '));
    const plain = [
      '--no-color',
      '--no-ext-diff',
      '--no-textconv',
      '--no-renames',
      '--full-index',
      '--src-prefix=a/',
      '--dst-prefix=b/',
    ];
    if (commits.some((line) => line.length !== 2) || commits.length > UPLOAD_LIMITS.files)
      return [
        {
          path: '0001-pull-request.diff',
          content: await this.#run(['diff', ...plain, base, head]),
        },
      ];
    return Promise.all(
      commits.map(async ([commit], index) => {
        const [name] = (await this.#text(['show', '--no-patch', '--format=%f', commit!])).split(
          '\n',
        );
        const content = await this.#run([
          'format-patch',
          '-1',
          '--stdout',
          '--zero-commit',
          '--no-signature',
          '--no-stat',
          ...plain,
          commit!,
        ]);
        return {
          path: `${String(index + 1).padStart(4, '0')}-${name!.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 50)}.patch`,
          content,
        };
      }),
    );
  }

  /** Returns the commit time as ISO 8601. */
  async committedAt(commit: string): Promise<string> {
    return (await this.#text(['show', '--no-patch', '--format=%cI', commit])).trim();
  }

  async #has(commit: string): Promise<boolean> {
    return this.#run(['cat-file', '-e', `${commit}^{commit}`]).then(
      () => true,
      () => false,
    );
  }

  async #fetch(refs: string[]): Promise<void> {
    await this.#run(['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', ...refs]);
  }

  async #entries(
    commit: string,
    path: string,
  ): Promise<{ mode: string; object: string; sizeBytes: number; path: string }[]> {
    const listing = await this.#text([
      '--literal-pathspecs',
      'ls-tree',
      '-r',
      '-l',
      '-z',
      '--full-tree',
      commit,
      '--',
      path,
    ]);
    return listing
      .split('\0')
      .filter(Boolean)
      .map((line) => {
        const tab = line.indexOf('\t');
        const [mode, , object, size] = line.slice(0, tab).split(/ +/) as [
          string,
          string,
          string,
          string,
        ];
        return { mode, object, sizeBytes: Number(size) || 0, path: line.slice(tab + 1) };
      });
  }

  async #text(args: string[]): Promise<string> {
    return (await this.#run(args)).toString('utf8');
  }

  async #run(args: string[]): Promise<Buffer> {
    // In a container job the checkout may belong to another user. The runner made it: it is safe.
    const configuration = [
      '-c',
      `safe.directory=${this.workspace}`,
      '-c',
      'core.fsmonitor=false',
      '-c',
      'core.quotePath=false',
    ];
    const { stdout } = await promisify(execFile)(
      'git',
      [...configuration, '-C', this.workspace, ...args],
      {
        encoding: 'buffer',
        maxBuffer: OUTPUT_LIMIT_BYTES,
      },
    );
    return stdout;
  }
}

function lastLine(error: Error): string {
  const stderr = (error as { stderr?: Buffer }).stderr?.toString('utf8') ?? error.message;
  return stderr.trim().split('\n').at(-1)!;
}
