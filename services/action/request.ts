// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { withUploads } from '#client/job-file.js';
import { packFiles } from '#client/folder.js';
import { QibenchError } from '#contract/error.js';
import type { JobFile, JobRequest } from '#contract/job.js';
import type { Upload } from '#contract/upload.js';
import type { Git } from './git.js';
import { packedTar, readPack } from './pack.js';
import type { Service } from './service.js';
import type { Settings } from './settings.js';
import { isUnchanged, NO_COMMIT, sidesOf } from './sides.js';
import { SERIES, sourceAt, uploaderOf } from './source.js';
import type { PullRequest, WorkflowEnv } from './trigger.js';

const FORK_NOTE =
  "The code comes from a fork and was approved by a maintainer; the base's job file was used.";

/** A job that is ready to be submitted. */
export interface Prepared {
  readonly jobFile: JobFile;
  readonly headSha: string;
  readonly baseSha: string | null;
  readonly notes: readonly string[];
  readonly unchanged: boolean;
  /** Folder of head's instrumentation within the repository, for annotations. */
  readonly folder: string | null;
  /** Uploads the folders and returns the job's request. */
  request(service: Service): Promise<JobRequest>;
}

export interface CommitRef {
  readonly git: Git;
  readonly settings: Settings;
  readonly headSha: string;
  readonly pull: PullRequest | null;
  /** Commit that the event names as base, other than a pull request's. */
  readonly queueBaseSha?: string | null;
  /** Branch in the project's history. */
  readonly branch: string;
}

/**
 * Prepares the job of a commit, either of the repository itself or of a pull request. A pull
 * request's files are read as data, and a fork's job file does not count.
 * @throws {BAD_JOB_FILE} The job file that counts is missing or malformed.
 */
export async function prepareCommit({
  git,
  settings,
  headSha,
  pull,
  queueBaseSha = null,
  branch,
}: CommitRef): Promise<Prepared> {
  await git.need(headSha);
  const baseSha = await baseCommit(git, settings, headSha, pull?.baseSha ?? queueBaseSha);
  const trusted = pull?.fork === true ? await trustedCommit(git, pull, baseSha) : headSha;
  const head = await sourceAt(git, headSha, settings, baseSha, trusted);
  const base =
    baseSha === null ? null : await sourceAt(git, baseSha, settings, null).catch(missing);
  const { jobFile, ...sides } = await sidesOf(head.jobFile, base, settings);
  const complete = named(jobFile, settings, {
    branch,
    commit: headSha,
    committedAt: await git.committedAt(headSha),
  });
  return {
    jobFile: complete,
    headSha,
    baseSha: sides.baseSha,
    notes: notesOf(pull?.fork === true ? FORK_NOTE : null, sides.note),
    folder: head.instrumentation,
    unchanged: pull !== null && settings.base === 'merge-base' && (await isUnchanged(head, base)),
    async request(service) {
      return withUploads(
        complete,
        uploaderOf(head, base, settings.jobFile, async (files) =>
          sendTar(service, await packFiles(files)),
        ),
      );
    },
  };
}

/**
 * Prepares the job of a pack. A fork can change only the folders in its pack.
 * @throws {BAD_JOB_FILE} The base has no valid job file.
 * @throws {BAD_INPUT} The trigger is not about a pull request.
 */
export async function preparePack({
  git,
  settings,
  headSha,
  pull,
  branch,
}: CommitRef): Promise<Prepared> {
  if (pull === null)
    throw new QibenchError('BAD_INPUT', {
      input: 'mode',
      reason: 'submit-packed is for pull requests',
    });
  const pack = await readPack(settings.packFolder, headSha);
  const baseSha = await baseCommit(git, settings, headSha, pull.baseSha);
  const trusted = await sourceAt(git, await trustedCommit(git, pull, baseSha), settings, null);
  const base = baseSha === null ? null : trusted;
  const { jobFile, ...sides } = await sidesOf(
    pack.uploads['qemu.patches'] === undefined || settings.repository !== 'qemu'
      ? trusted.jobFile
      : { ...trusted.jobFile, qemu: { ...trusted.jobFile.qemu, patches: SERIES } },
    base,
    settings,
  );
  const complete = named(jobFile, settings, { branch, commit: headSha });
  return {
    jobFile: complete,
    headSha,
    baseSha: sides.baseSha,
    unchanged: false,
    folder: base?.instrumentation ?? null,
    notes: notesOf(FORK_NOTE, sides.note),
    async request(service) {
      const ofBase = uploaderOf(
        { commit: headSha, folder: () => Promise.resolve(null) },
        base,
        settings.jobFile,
        async (files) => sendTar(service, await packFiles(files)),
      );
      return withUploads(complete, async (field, name) =>
        name.startsWith('sha256:') || field.startsWith('baseline.')
          ? ofBase(field, name)
          : sendTar(service, await packedTar(settings.packFolder, pack, field)),
      );
    },
  };
}

/**
 * Returns the idempotency key: the same run, job and request give the same job, even if an answer
 * was lost. Another attempt of the run gives another job.
 */
export function idempotencyKey(
  { repository, runId, runAttempt, jobName }: WorkflowEnv,
  request: JobRequest,
): string {
  return `github-${createHash('sha256')
    .update(JSON.stringify([repository, runId, runAttempt, jobName, request]))
    .digest('hex')}`;
}

/**
 * Returns the commit of the base side; null without one.
 * @throws {NO_COMMIT} Git does not find it.
 */
async function baseCommit(
  git: Git,
  { base }: Settings,
  headSha: string,
  targetSha: string | null,
): Promise<string | null> {
  if (base === 'none' || base === 'same' || NO_COMMIT.test(base)) return null;
  if (base !== 'merge-base') return git.commit(base);
  return targetSha === null ? null : git.mergeBase(targetSha, headSha);
}

/**
 * Returns the commit whose job file counts for the code of a fork: the base side's, else the merge
 * base.
 * @throws {NO_COMMIT} Git does not find it.
 */
async function trustedCommit(
  git: Git,
  { headSha, baseSha }: PullRequest,
  side: string | null,
): Promise<string> {
  return side ?? git.mergeBase(baseSha, headSha);
}

const notesOf = (...notes: readonly (string | null)[]): string[] =>
  notes.filter((note) => note !== null);

/** Treats a base without a valid job file as a missing base. */
function missing(error: unknown): null {
  if (error instanceof QibenchError && error.code === 'BAD_JOB_FILE') return null;
  throw error;
}

function named(
  jobFile: JobFile,
  { project }: Settings,
  revision: Pick<JobFile, 'branch' | 'commit' | 'committedAt'>,
): JobFile {
  return { ...jobFile, ...(project === null ? {} : { project }), ...revision };
}

async function sendTar(service: Service, tar: Buffer): Promise<string> {
  return (await service.upload<Upload>('/v1/uploads', tar)).digest;
}
