import { createHash } from 'node:crypto';
import { withUploads } from '../client/job-file.js';
import { packFiles, type FolderFile } from '../client/folder.js';
import type { JobFile } from '../contract/job.js';
import { QibenchError } from '../contract/error.js';
import { uploaderOf, type Source } from './source.js';

type InFile = NonNullable<JobFile['baseline']>;

export interface Sides {
  /** The job file, with the base side that was decided on. */
  readonly jobFile: JobFile;
  readonly baseSha: string | null;
  /** For people: why there is no base. */
  readonly note: string | null;
}

export interface SidesWanted {
  /** The input: merge-base, same, none, or a revision. */
  readonly base: string;
  readonly repository: 'instrumentation' | 'qemu';
}

/** What head is compared with. A baseline that the job file names itself wins. `base` is head's merge base, or the revision that was asked for, where there is one. */
export async function sidesOf(
  jobFile: JobFile,
  base: Source | null,
  wanted: SidesWanted,
): Promise<Sides> {
  if (jobFile.baseline !== undefined)
    return {
      jobFile,
      baseSha: null,
      note: 'The base side is what the job file names as `baseline`.',
    };
  if (wanted.base === 'same')
    return {
      jobFile: { ...jobFile, baseline: 'same' },
      baseSha: null,
      note: 'Head is compared with itself: what is called a difference is a false alarm of the host.',
    };
  if (wanted.base === 'none') return { jobFile, baseSha: null, note: null };
  if (wanted.repository === 'qemu') {
    if (jobFile.qemu.patches === undefined)
      return {
        jobFile,
        baseSha: null,
        note: 'There are no commits to compare: this is the source of QEMU as it is.',
      };
    return {
      jobFile: { ...jobFile, baseline: { patches: null } },
      baseSha: base?.commit ?? null,
      note: null,
    };
  }
  if (base === null)
    return {
      jobFile,
      baseSha: null,
      note: 'There is no base: this is no pull request, and the input `base` names no revision.',
    };
  const baseline = await baselineOf(jobFile, base);
  if (baseline === null)
    return {
      jobFile,
      baseSha: null,
      note: 'There is no base: its commit has none of the folders that the job file names.',
    };
  return { jobFile: { ...jobFile, baseline }, baseSha: base.commit, note: null };
}

/** The folders of base, as its own job file names them: they may have moved since. */
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

/** Whether a job file with its folders is the same at two commits. */
export async function isUnchanged(head: Source, base: Source | null): Promise<boolean> {
  if (base === null) return false;
  const content = await contentOf(head);
  return content !== null && content === (await contentOf(base));
}

/** Null where something that the job file names is missing. */
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
