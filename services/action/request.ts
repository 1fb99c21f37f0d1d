import { createHash } from 'node:crypto';
import { withUploads } from '../client/job-file.js';
import { packFiles } from '../client/folder.js';
import { QibenchError } from '../contract/error.js';
import type { JobFile, JobRequest } from '../contract/job.js';
import type { Upload } from '../contract/upload.js';
import type { Git } from './git.js';
import { packedTar, readPack } from './pack.js';
import type { Service } from './service.js';
import type { Settings } from './settings.js';
import { isUnchanged, sidesOf } from './sides.js';
import { SERIES, sourceAt, uploaderOf } from './source.js';
import type { PullRequest, Surroundings } from './trigger.js';

/** What is to be submitted. */
export interface Prepared {
  readonly jobFile: JobFile;
  readonly headSha: string;
  readonly baseSha: string | null;
  readonly notes: readonly string[];
  readonly unchanged: boolean;
  /** Folder of head's instrumentation within the repository, for annotations. */
  readonly folder: string | null;
  /** Upload everything, and give the job's request. */
  request(service: Service): Promise<JobRequest>;
}

export interface Place {
  readonly git: Git;
  readonly settings: Settings;
  readonly headSha: string;
  readonly pull: PullRequest | null;
  /** Of the history. */
  readonly branch: string;
}

/** The job of a commit that git has: of the repository's own, or of a pull request's, which is read as data. */
export async function prepareCommit({
  git,
  settings,
  headSha,
  pull,
  branch,
}: Place): Promise<Prepared> {
  await git.need(headSha);
  const baseSha = await baseCommit(git, settings, headSha, pull);
  const head = await sourceAt(git, headSha, settings, baseSha);
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
    notes: sides.note === null ? [] : [sides.note],
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

/** The job of a pack: the job file of the merge base counts, where there is one, so that a fork changes what is run only by what it has packed. */
export async function preparePack({
  git,
  settings,
  headSha,
  pull,
  branch,
}: Place): Promise<Prepared> {
  const pack = await readPack(settings.packFolder, headSha);
  const baseSha = await baseCommit(git, settings, headSha, pull);
  const base =
    baseSha === null ? null : await sourceAt(git, baseSha, settings, null).catch(missing);
  const own = base?.jobFile ?? { ...pack.jobFile, baseline: undefined };
  const trusted: JobFile =
    pack.uploads['qemu.patches'] === undefined || settings.repository !== 'qemu'
      ? own
      : { ...own, qemu: { ...own.qemu, patches: SERIES } };
  const { jobFile, ...sides } = await sidesOf(trusted, base, settings);
  const complete = named(jobFile, settings, { branch, commit: headSha });
  return {
    jobFile: complete,
    headSha,
    baseSha: sides.baseSha,
    unchanged: false,
    folder: base?.instrumentation ?? null,
    notes: [
      "The code is a fork's, allowed by a maintainer; the job file is the base's.",
      ...(sides.note === null ? [] : [sides.note]),
    ],
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

/** The same run, job and request again are the same job, also when an answer was lost; another attempt of the run is another job. */
export function idempotencyKey(
  { repository, runId, runAttempt, jobName }: Surroundings,
  request: JobRequest,
): string {
  return `github-${createHash('sha256')
    .update(JSON.stringify([repository, runId, runAttempt, jobName, request]))
    .digest('hex')}`;
}

/** The commit of the base side; null without one. Errors: NO_COMMIT. */
async function baseCommit(
  git: Git,
  { base }: Settings,
  headSha: string,
  pull: PullRequest | null,
): Promise<string | null> {
  if (base === 'none' || base === 'same') return null;
  if (base !== 'merge-base') return git.commit(base);
  return pull === null ? null : git.mergeBase(pull.baseSha, headSha);
}

/** A base without the job file, or with one that is wrong, is no base. */
function missing(error: unknown): null {
  if (error instanceof QibenchError && error.code === 'BAD_JOB_FILE') return null;
  throw error;
}

function named(
  jobFile: JobFile,
  { project }: Settings,
  place: Pick<JobFile, 'branch' | 'commit' | 'committedAt'>,
): JobFile {
  return { ...jobFile, ...(project === null ? {} : { project }), ...place };
}

async function sendTar(service: Service, tar: Buffer): Promise<string> {
  return (await service.upload<Upload>('/v1/uploads', tar)).digest;
}
