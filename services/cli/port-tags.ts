// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changedFiles, patchComplaints } from '#contract/patch-text.js';
import { QibenchError } from '#contract/error.js';

/** A patch that does not apply, with the complaints of patch(1). */
interface Reject {
  readonly patch: string;
  readonly complaints: readonly string[];
}

/** What the series do on the source of a tag. */
export interface TagPort {
  readonly tag: string;
  /** The series that applies; null: none. */
  readonly port: string | null;
  /** Patches that the source has already, as upstream took the correction. */
  readonly left: readonly string[];
  /** Of the series that is nearest to the tag, if none applies. */
  readonly nearest: string;
  readonly rejects: readonly Reject[];
}

interface Series {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
}

/**
 * Tries the series of patches on the tags of a clone of QEMU, in the order of their versions. Only
 * copies of the files that a series changes are patched.
 * @param clone Folder of the clone, bare or not.
 * @param pattern As `git tag --list` takes it, like `v10.0.*`. Release candidates count only if it
 *   names `-rc`.
 * @throws {BAD_USAGE} The folder is not a repository, or no tag matches.
 */
export function* portOfTags(rootDir: string, clone: string, pattern: string): Generator<TagPort> {
  const tags = git(clone, 'tag', '--list', '--sort=version:refname', '--', pattern)
    .toString()
    .split('\n')
    .filter((tag) => tag !== '' && (pattern.includes('-rc') || !/-rc\d+$/.test(tag)));
  if (tags.length === 0)
    throw new QibenchError('BAD_USAGE', { reason: `"${clone}" has no tag like "${pattern}"` });
  const series = allSeries(join(rootDir, 'qemu/patches'));
  for (const tag of tags) yield portOfTag(join(rootDir, 'qemu/apply.sh'), clone, tag, series);
}

function allSeries(folder: string): Series[] {
  return readdirSync(folder).map((name) => {
    const path = join(folder, name);
    const diffs = readdirSync(path).map((patch) => readFileSync(join(path, patch), 'utf8'));
    return { name, folder: path, files: [...new Set(diffs.flatMap(changedFiles))] };
  });
}

function portOfTag(script: string, clone: string, tag: string, series: readonly Series[]): TagPort {
  const ordered = nearestFirst(tag, series);
  const nearest = ordered[0]!;
  let first: ReturnType<typeof apply> | null = null;
  for (const one of ordered) {
    const tried = apply(script, clone, tag, one);
    if (tried.rejects.length === 0) return { tag, port: one.name, nearest: nearest.name, ...tried };
    first ??= tried;
  }
  return { tag, port: null, nearest: nearest.name, ...first! };
}

/** Returns the series by the distance of their versions to the one in a tag's name. */
function nearestFirst(tag: string, series: readonly Series[]): Series[] {
  const number = (name: string) => {
    const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(name) ?? [];
    // QEMU has three releases a year.
    return Number(major) * 3 + Number(minor);
  };
  const distance = ({ name }: Series) => Math.abs(number(name) - number(tag));
  return series.toSorted((a, b) => distance(a) - distance(b));
}

function apply(
  script: string,
  clone: string,
  tag: string,
  series: Series,
): Pick<TagPort, 'left' | 'rejects'> {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-port-'));
  try {
    extract(clone, tag, series.files, folder);
    const { status, stdout, error } = spawnSync('sh', [script, series.folder], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: MAX_BUFFER,
    });
    const rejects = rejectsIn(stdout);
    if (error !== undefined || status !== (rejects.length > 0 ? 4 : 0))
      throw new QibenchError('BAD_USAGE', {
        reason: `the series ${series.name} cannot be tried: ${error?.message ?? `status ${status}`}`,
      });
    return { left: leftIn(stdout), rejects };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rejectsIn(output: string): Reject[] {
  const parts = output.split(/^QIBENCH-PATCH (.+)\n/m);
  const rejects: Reject[] = [];
  for (let at = 1; at < parts.length; at += 2)
    rejects.push({ patch: parts[at]!, complaints: patchComplaints(parts[at - 1]!.split('\n')) });
  return rejects;
}

function leftIn(output: string): string[] {
  return [...output.matchAll(/^(\S+): this source has it$/gm)].map(([, patch]) => patch!);
}

/** Writes the regular files among `files` that a tag has into a folder. */
function extract(clone: string, tag: string, files: readonly string[], into: string): void {
  const listed = git(clone, 'ls-tree', '-r', '-z', `${tag}^{commit}`, '--', ...files).toString();
  const regular = listed
    .split('\0')
    .filter((entry) => entry.startsWith('100'))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1));
  if (regular.length === 0) return;
  const tar = git(clone, 'archive', `${tag}^{commit}`, '--', ...regular);
  spawnSync('tar', ['-x', '-C', into], { input: tar });
}

const MAX_BUFFER = 256 * 1024 ** 2;

function git(clone: string, ...words: string[]): Buffer {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', clone, ...words], {
    maxBuffer: MAX_BUFFER,
  });
  if (error === undefined && status === 0) return stdout;
  const reason = error?.message ?? stderr.toString().trim().split('\n')[0]!;
  throw new QibenchError('BAD_USAGE', { reason: `"${clone}": ${reason}` });
}

/** Returns the result of one tag as text, a reject a line. */
export function tagPortText({ tag, port, left, nearest, rejects }: TagPort): string {
  if (port !== null)
    return `${tag}: the port for QEMU ${port}${left.map((patch) => `, without ${patch}`).join('')}`;
  const lines = rejects.flatMap(({ patch, complaints }) =>
    (complaints.length === 0 ? ['no reason'] : complaints).map((text) => `  ${patch}: ${text}`),
  );
  return [`${tag}: no port applies; the one for QEMU ${nearest}:`, ...lines].join('\n');
}
