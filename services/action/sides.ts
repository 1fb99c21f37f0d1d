// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { withUploads } from '#client/job-file.js';
import { packFiles, type FolderFile } from '#client/folder.js';
import type { JobFile } from '#contract/job.js';
import { QibenchError } from '#contract/error.js';
import { uploaderOf, type Source } from './source.js';

type InFile = NonNullable<JobFile['baseline']>;

/** A push that creates its branch names this commit as the one before. */
export const NO_COMMIT = /^0{40,64}$/;

export interface Sides {
  /** The job file with the chosen base side. */
  readonly jobFile: JobFile;
  readonly baseSha: string | null;
  /** Explains to the reader which base was chosen, or why it is missing. */
  readonly note: string | null;
}

export interface SidesWanted {
  /** The input: merge-base, same, none, or a revision. */
  readonly base: string;
  readonly repository: 'instrumentation' | 'qemu';
}

/**
 * Chooses the side that head is compared with. A baseline in the job file takes precedence.
 * @param base The job file at head's merge base or at the requested revision; null without one.
 */
export async function sidesOf(
  jobFile: JobFile,
  base: Source | null,
  wanted: SidesWanted,
): Promise<Sides> {
  if (jobFile.baseline !== undefined)
    return {
      jobFile,
      baseSha: null,
      note: 'The base side is the `baseline` of the job file.',
    };
  if (wanted.base === 'same')
    return {
      jobFile: { ...jobFile, baseline: 'same' },
      baseSha: null,
      note: 'Head is compared with itself (A/A): a reported difference is a false alarm of the host.',
    };
  if (wanted.base === 'none') return { jobFile, baseSha: null, note: null };
  if (wanted.repository === 'qemu') {
    if (jobFile.qemu.patches === undefined)
      return {
        jobFile,
        baseSha: null,
        note: 'No base: without the commits of a pull request, head is the unmodified source of QEMU.',
      };
    return {
      jobFile: { ...jobFile, baseline: { patches: null } },
      baseSha: base?.commit ?? null,
      note: null,
    };
  }
  if (NO_COMMIT.test(wanted.base))
    return {
      jobFile,
      baseSha: null,
      note: 'No base, so nothing is compared: the push created its branch.',
    };
  if (base === null)
    return {
      jobFile,
      baseSha: null,
      note:
        'No base, so nothing is compared: this is neither a pull request nor a merge queue, and ' +
        'the input `base` does not name a revision. For a push, set `base: ${{ github.event.before }}`.',
    };
  const baseline = await baselineOf(jobFile, base);
  if (baseline === null)
    return {
      jobFile,
      baseSha: null,
      note: 'No base: its commit has none of the folders that the job file names.',
    };
  return { jobFile: { ...jobFile, baseline }, baseSha: base.commit, note: null };
}

/** Returns the folders of base under the names in its own job file: they may have moved since. */
async function baselineOf(
  { instrumentation, qemu }: JobFile,
  base: Source,
): Promise<Exclude<InFile, 'same'> | null> {
  const there = async (field: string, name: string | undefined) =>
    name === undefined
      ? false
      : name.startsWith('sha256:') || ((await base.folder(field, name))?.length ?? 0) > 0;
  const { jobFile } = base;
  const baseline = {
    ...(instrumentation !== undefined && (await there('instrumentation', jobFile.instrumentation))
      ? { instrumentation: jobFile.instrumentation! }
      : {}),
    ...(qemu.patches === undefined
      ? {}
      : {
          patches: (await there('qemu.patches', jobFile.qemu.patches))
            ? jobFile.qemu.patches!
            : null,
        }),
  };
  return Object.keys(baseline).length === 0 ? null : baseline;
}

/** Returns whether a job file and its folders are the same at two commits. */
export async function isUnchanged(head: Source, base: Source | null): Promise<boolean> {
  if (base === null) return false;
  const content = await contentOf(head);
  return content !== null && content === (await contentOf(base));
}

/** Returns the job file with its folders' digests; null if a folder is missing. */
async function contentOf(source: Source): Promise<string | null> {
  const digest = async (files: readonly FolderFile[]) =>
    createHash('sha256')
      .update(await packFiles(files))
      .digest('hex');
  try {
    return JSON.stringify(
      await withUploads(source.jobFile, uploaderOf(source, source, '', digest)),
    );
  } catch (error) {
    if (error instanceof QibenchError) return null;
    throw error;
  }
}
