// SPDX-License-Identifier: GPL-2.0-or-later
import { posix } from 'node:path';
import { packFiles } from '#client/folder.js';
import { parseYaml, withUploads } from '#client/job-file.js';
import { QibenchError } from '#contract/error.js';
import { JobFile } from '#contract/job.js';
import type { WebhookTrigger } from '#contract/webhook.js';
import type { Access } from '#domain/access.js';
import { saveUpload } from '#store/uploads.js';
import { cleanArchive } from '../archive.js';
import type { Service } from '../service.js';
import { submitJob } from '../submit-job.js';
import type { RepositoryAt } from './github.js';
import type { WebhookSettings } from './settings.js';

type AcceptedWith = NonNullable<NonNullable<Parameters<typeof submitJob>[3]>['within']>;

/**
 * Submits the requested job: head's folders against the merge base's. The job file is the merge
 * base's, so a pull request can change only its folders. The job has no more rights than one that a
 * token of its project submits.
 * @param recorded Runs in the transaction that stores the job.
 * @throws {NOT_REVIEWED} Code may have been pushed after the comment.
 * @throws {BAD_JOB_FILE} The job file is missing, invalid, or not usable by webhooks.
 * @throws {QUOTA_EXCEEDED} The project has reached a quota.
 * @throws Errors of uploads, of jobs, of GitHub and of `recorded`.
 */
export async function submitAsked(
  service: Pick<Service, 'store' | 'catalogue' | 'telemetry' | 'accessSettings'>,
  settings: WebhookSettings,
  repository: RepositoryAt,
  trigger: WebhookTrigger,
  recorded: (baseSha: string) => AcceptedWith,
): Promise<void> {
  const { number } = trigger;
  const { headSha, baseSha: targetSha } =
    'commentedAt' in trigger ? await commentedPull(repository, trigger) : trigger;
  const baseSha = await repository.mergeBase(targetSha, headSha);
  const file = settings.jobFile;
  const text = await repository.file(baseSha, file);
  if (text === null)
    throw new QibenchError('BAD_JOB_FILE', {
      file,
      reason: `the merge base ${baseSha} does not have this file`,
    });
  const written = parseYaml(text, file, JobFile);
  if (
    written.baseline !== undefined &&
    written.baseline !== 'same' &&
    written.baseline.job !== undefined
  )
    throw new QibenchError('BAD_JOB_FILE', {
      file,
      reason: 'baseline.job: webhooks do not support a job as baseline',
    });
  const jobFile =
    written.baseline !== undefined || written.instrumentation === undefined
      ? written
      : { ...written, baseline: { instrumentation: written.instrumentation } };

  const names = new Map<string, string>();
  await withUploads(jobFile, (field, name) => {
    if (name.startsWith('sha256:'))
      throw new QibenchError('BAD_JOB_FILE', {
        file,
        reason: `${field}: webhooks accept folders of the repository, not digests`,
      });
    const path = posix.normalize(name).replace(/\/+$/, '');
    if (path.startsWith('..') || path.startsWith('/') || path === '.')
      throw new QibenchError('BAD_JOB_FILE', {
        file,
        reason: `${field}: must be a folder within the repository`,
      });
    names.set(field, path);
    return Promise.resolve('');
  });
  const project = settings.project ?? jobFile.project ?? null;
  const access: Access = {
    subject: `webhook of ${trigger.repository}`,
    tokenId: null,
    account: null,
    scopes: ['jobs:write'],
    project,
    quota: project === null ? null : service.accessSettings.quota,
  };
  const ofSide = (wanted: boolean) =>
    new Map([...names].filter(([field]) => field.startsWith('baseline.') === wanted));
  const folders = new Map([
    ...(await repository.folders(headSha, ofSide(false))),
    ...(await repository.folders(baseSha, ofSide(true))),
  ]);
  const request = await withUploads(
    {
      ...jobFile,
      ...(settings.project === null ? {} : { project: settings.project }),
      branch: `pull/${number}`,
      commit: headSha,
    },
    async (field) => {
      const archive = await cleanArchive(await packFiles(folders.get(field)!));
      return (await saveUpload(service.store, archive, access)).digest;
    },
  );
  await submitJob(service, access, request, { within: recorded(baseSha) });
}

/**
 * Returns the commits of a pull request that a comment requests to measure.
 * @throws {NOT_REVIEWED} Code may have been pushed since the comment.
 */
async function commentedPull(
  repository: RepositoryAt,
  { number, commentedAt }: { readonly number: number; readonly commentedAt: string },
): Promise<{ headSha: string; baseSha: string }> {
  const { head, base } = await repository.pull(number);
  if (head.repo === null || Date.parse(head.repo.pushed_at) >= Date.parse(commentedAt)) {
    throw new QibenchError('NOT_REVIEWED', {
      number,
      reason: 'its code was pushed after the comment; review it and comment again',
    });
  }
  return { headSha: head.sha, baseSha: base.sha };
}
