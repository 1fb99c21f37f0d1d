// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import type { FolderFile } from '#client/folder.js';
import { followLinks, type FolderEntry } from '#client/links.js';
import { QibenchError } from '#contract/error.js';
import { UPLOAD_LIMITS } from '#contract/upload.js';

const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;
/** Fetch depths, tried in this order until git finds a merge base; the last fetches everything. */
const DEPTHS = ['--depth=50', '--depth=1000', '--unshallow'];
const MOST_LINKS = 40;
const LINK = '120000';
const FILES = ['100644', '100755'];
/**
 * Options of `git diff-tree`, whose output depends on no setting of the runner. `--text` also shows
 * files that an attribute calls binary; a real binary file becomes a diff that patch(1) applies.
 */
const DIFF = [
  '--patch',
  '--text',
  '--unified=3',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--no-renames',
  '--full-index',
  '--src-prefix=a/',
  '--dst-prefix=b/',
];
/** Variables that change the output of git, or the repository that it reads. */
const IGNORED_VARIABLES = [
  'GIT_DIFF_OPTS',
  'GIT_EXTERNAL_DIFF',
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
];

interface TreeEntry {
  readonly mode: string;
  readonly object: string;
  readonly sizeBytes: number;
  readonly path: string;
}

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
      ]).catch((error: Error) => {
        throw new QibenchError('NO_COMMIT', {
          what: revision,
          reason:
            stderrOf(error) === ''
              ? 'git does not find it; let actions/checkout fetch the history (fetch-depth: 0)'
              : lastLine(error),
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

  /**
   * Returns the content of a file at a commit; null if the commit does not have the file. Follows
   * links within the repository.
   * @throws {BAD_INPUT} A link leaves the repository.
   */
  async file(commit: string, path: string): Promise<Buffer | null> {
    const resolved = await this.#resolved(commit, path, 'job-file');
    const [entry] = await this.#entries(commit, resolved);
    return entry === undefined || entry.path !== resolved
      ? null
      : this.#run(['cat-file', 'blob', entry.object]);
  }

  /**
   * Returns the uploadable files of a folder at a commit; null if the folder does not exist. Follows
   * links within the folder.
   * @param field Field of the job file that names the folder.
   * @throws {BAD_INPUT} The folder has a submodule, a link that leaves it or points to nothing, or
   *   exceeds the upload limits.
   */
  async folder(commit: string, folder: string, field: string): Promise<FolderFile[] | null> {
    const refuse = (reason: string) =>
      new QibenchError('BAD_INPUT', { input: field, reason: `${folder}: ${reason}` });
    const resolved = await this.#resolved(commit, folder, field);
    const all = await this.#entries(commit, `${resolved}/`);
    if (all.length === 0) return null;
    const entries = await Promise.all(
      all.map(async (entry): Promise<FolderEntry<TreeEntry>> => {
        const path = posix.relative(resolved, entry.path);
        if (FILES.includes(entry.mode)) return { path, type: 'file', file: entry };
        if (entry.mode === LINK) return { path, type: 'link', target: await this.#target(entry) };
        return { path, type: 'other', what: 'a submodule' };
      }),
    );
    const files = followLinks(field, entries, refuse);
    const bytes = files.reduce((sum, { file }) => sum + file.sizeBytes, 0);
    if (bytes > UPLOAD_LIMITS.unpackedBytes)
      throw refuse(`it has ${bytes} bytes; at most ${UPLOAD_LIMITS.unpackedBytes} can be uploaded`);
    return Promise.all(
      files.map(async ({ path, file }) => ({
        path,
        content: await this.#run(['cat-file', 'blob', file.object]),
      })),
    );
  }

  /**
   * Returns the commits from base to head as patches for patch(1), one a commit. If the commits
   * include a merge, which a series cannot express, returns a single diff instead. Empty commits are
   * left out.
   */
  async series(base: string, head: string): Promise<FolderFile[]> {
    const commits = (await this.#text(['rev-list', '--reverse', '--parents', `${base}..${head}`]))
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' '));
    if (commits.some((line) => line.length !== 2) || commits.length > UPLOAD_LIMITS.files)
      return [
        {
          path: '0001-pull-request.diff',
          content: await this.#run(['diff-tree', ...DIFF, base, head]),
        },
      ];
    const patches = await Promise.all(
      commits.map(async ([commit, parent], index) => {
        const [name, subject] = (
          await this.#text(['show', '--no-patch', '--encoding=UTF-8', '--format=%f%n%s', commit!])
        ).split('\n');
        const diff = await this.#run(['diff-tree', ...DIFF, parent!, commit!]);
        const head = `From ${commit} Mon Sep 17 00:00:00 2001\nSubject: [PATCH] ${subject}\n\n---\n`;
        return {
          path: `${String(index + 1).padStart(4, '0')}-${name!.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 50)}.patch`,
          content: diff.length === 0 ? diff : Buffer.concat([Buffer.from(head), diff]),
        };
      }),
    );
    return patches.filter(({ content }) => content.length > 0);
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

  /** Returns the path that a path stands for, after the links in it. */
  async #resolved(commit: string, path: string, input: string): Promise<string> {
    let resolved = path;
    for (let links = 0; links <= MOST_LINKS; links++) {
      const segments = resolved.split('/');
      const prefixes = segments.map((_, depth) => segments.slice(0, depth + 1).join('/'));
      const link = (await this.#list(commit, prefixes)).find(
        ({ mode, path: at }) => mode === LINK && prefixes.includes(at),
      );
      if (link === undefined) return resolved;
      const target = await this.#target(link);
      const rest = resolved.slice(link.path.length + 1);
      resolved = posix.join(posix.dirname(link.path), target, rest).replace(/\/+$/, '');
      if (target.startsWith('/') || /^\.\.?(\/|$)/.test(resolved))
        throw new QibenchError('BAD_INPUT', {
          input,
          reason: `${link.path} is a link that leaves the repository or names its top folder`,
        });
    }
    throw new QibenchError('BAD_INPUT', {
      input,
      reason: `${path} is a link that leads to itself`,
    });
  }

  async #target({ object }: TreeEntry): Promise<string> {
    return this.#text(['cat-file', 'blob', object]);
  }

  async #entries(commit: string, path: string): Promise<TreeEntry[]> {
    return this.#list(commit, [path], ['-r']);
  }

  async #list(
    commit: string,
    paths: readonly string[],
    options: readonly string[] = [],
  ): Promise<TreeEntry[]> {
    const listing = await this.#text([
      '--literal-pathspecs',
      'ls-tree',
      ...options,
      '-l',
      '-z',
      '--full-tree',
      commit,
      '--',
      ...paths,
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
    // In a container job the checkout may belong to another user, and its path may be a link. The
    // runner made it: it is safe.
    const configuration = [
      'safe.directory=*',
      'core.fsmonitor=false',
      'core.quotePath=false',
      'log.showSignature=false',
      'diff.orderFile=/dev/null',
      'diff.suppressBlankEmpty=false',
    ].flatMap((setting) => ['-c', setting]);
    // eslint-disable-next-line no-restricted-properties -- passed on, not read
    const inherited = Object.entries(process.env);
    const env = Object.fromEntries(inherited.filter(([name]) => !IGNORED_VARIABLES.includes(name)));
    const { stdout } = await promisify(execFile)(
      'git',
      [...configuration, '-C', this.workspace, ...args],
      { encoding: 'buffer', maxBuffer: OUTPUT_LIMIT_BYTES, env },
    );
    return stdout;
  }
}

const stderrOf = (error: Error): string =>
  (error as { stderr?: Buffer }).stderr?.toString('utf8').trim() ?? error.message;

function lastLine(error: Error): string {
  return stderrOf(error).split('\n').at(-1)!;
}
