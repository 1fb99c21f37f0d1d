// SPDX-License-Identifier: GPL-2.0-or-later
import { posix } from 'node:path';
import { parseYaml, type Uploader } from '#client/job-file.js';
import { decodeText } from '#client/text.js';
import type { FolderFile } from '#client/folder.js';
import type { WorkloadFile } from '#client/workload-upload.js';
import { QibenchError } from '#contract/error.js';
import { JobFile } from '#contract/job.js';
import { isWorkloadField } from '#contract/workload-upload.js';
import type { Git } from './git.js';
import type { Settings } from './settings.js';
import { isPlain } from './settings.js';

/** A job file and its folders at a commit. */
export interface Source {
  readonly commit: string;
  readonly jobFile: JobFile;
  /** Returns the files of the folder that a field names; null if the folder does not exist. */
  folder(field: string, name: string): Promise<FolderFile[] | null>;
  /** Returns the files of a workload's folder; null if the folder does not exist. */
  workload(field: string, name: string): Promise<WorkloadFile[] | null>;
  /** Folder of the instrumentation within the repository; null if it is a digest or missing. */
  readonly instrumentation: string | null;
}

/** Value of `qemu.patches` that stands for the commits of a pull request. */
export const SERIES = 'pull-request';

/**
 * Reads the job file and finds the folders at a commit.
 * @param mergeBase Start of the patch series of repository "qemu"; null without one.
 * @param jobFileCommit Commit of the job file, if it differs from the folders' commit.
 * @throws {BAD_JOB_FILE} The job file is missing or malformed.
 * @throws {BAD_INPUT} The instrumentation's folder cannot be uploaded.
 */
export async function sourceAt(
  git: Git,
  commit: string,
  settings: Pick<Settings, 'jobFile' | 'instrumentation' | 'repository'>,
  mergeBase: string | null,
  jobFileCommit = commit,
): Promise<Source> {
  const { jobFile: file, repository } = settings;
  const text = await git.file(jobFileCommit, file);
  if (text === null)
    throw new QibenchError('BAD_JOB_FILE', {
      file,
      reason: `it is not in commit ${jobFileCommit}; set its path with the input job-file`,
    });
  const parsed = parseYaml(readText(text, file), file, JobFile);
  if (repository === 'qemu' && parsed.qemu.patches !== undefined)
    throw new QibenchError('BAD_JOB_FILE', {
      file,
      reason:
        'qemu.patches: with repository "qemu" the patches are the commits of the pull request',
    });
  const jobFile: JobFile = {
    ...parsed,
    ...(settings.instrumentation === null ? {} : { instrumentation: settings.instrumentation }),
    ...(repository === 'qemu' && mergeBase !== null && mergeBase !== commit
      ? { qemu: { ...parsed.qemu, patches: SERIES } }
      : {}),
  };
  const candidates = (name: string) =>
    [posix.normalize(name), posix.join(posix.dirname(file), name)]
      .map((path) => path.replace(/\/+$/, ''))
      .filter((path) => isPlain(path) && path !== '.');
  return {
    commit,
    jobFile,
    async folder(field, name) {
      return field === 'qemu.patches' && name === SERIES && repository === 'qemu'
        ? git.series(mergeBase!, commit)
        : firstFound(candidates(name), (path) => git.folder(commit, path, field));
    },
    async workload(field, name) {
      return firstFound(candidates(name), (path) => git.workload(commit, path, field));
    },
    instrumentation:
      jobFile.instrumentation === undefined || jobFile.instrumentation.startsWith('sha256:')
        ? null
        : await firstFound(candidates(jobFile.instrumentation), async (path) =>
            (await git.folder(commit, path, 'instrumentation')) === null ? null : path,
          ),
  };
}

function readText(bytes: Buffer, file: string): string {
  try {
    return decodeText(bytes);
  } catch (error) {
    throw new QibenchError('BAD_JOB_FILE', { file, reason: (error as Error).message });
  }
}

/** Returns the first result that is not null. */
async function firstFound<T>(
  paths: readonly string[],
  read: (path: string) => Promise<T | null>,
): Promise<T | null> {
  for (const path of paths) {
    const found = await read(path);
    if (found !== null) return found;
  }
  return null;
}

/** Takes the files of a folder, and returns a digest that stands for them. */
export interface Receiver {
  readonly folder: (files: readonly FolderFile[]) => Promise<string>;
  readonly workload: (files: readonly WorkloadFile[]) => Promise<string>;
}

/** A commit's folders. */
type Folders = Pick<Source, 'folder' | 'workload' | 'commit'>;

/**
 * Returns an uploader for the folders of head and, for fields of `baseline`, of base.
 * @throws {BAD_JOB_FILE} A folder is missing (thrown by the uploader).
 */
export function uploaderOf(
  head: Folders,
  base: Folders | null,
  file: string,
  receiver: Receiver,
): Uploader {
  return async (field, name) => {
    if (name.startsWith('sha256:')) return name;
    const ofBase = field.startsWith('baseline.') && base !== null;
    const source = ofBase ? base : head;
    const refuse = () =>
      new QibenchError('BAD_JOB_FILE', {
        file,
        reason: `${field}: no folder "${name}" with files in commit ${source.commit}`,
      });
    if (isWorkloadField(field)) {
      const files = await source.workload(field, name);
      if (files === null || files.length === 0) throw refuse();
      return receiver.workload(files);
    }
    const files = await source.folder(ofBase ? field.slice('baseline.'.length) : field, name);
    if (files === null || files.length === 0) throw refuse();
    return receiver.folder(files);
  };
}
