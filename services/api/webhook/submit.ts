import { createHash, randomInt } from 'node:crypto';
import { posix } from 'node:path';
import { packFiles } from '../../client/folder.js';
import { parseYaml, withUploads } from '../../client/job-file.js';
import { QibenchError } from '../../contract/error.js';
import { JobFile, type Job } from '../../contract/job.js';
import { planJob } from '../../domain/plan.js';
import { acceptJob } from '../../store/jobs.js';
import { saveUpload } from '../../store/uploads.js';
import { cleanArchive } from '../archive.js';
import type { Service } from '../server.js';
import type { Ask } from './ask.js';
import { RepositoryAt } from './github.js';
import type { WebhookSettings } from './settings.js';

/** Submit what was asked for: head's folders against the merge base's, by the job file of the merge base, so that a pull request changes nothing but its folders. Errors: NOT_REVIEWED, BAD_JOB_FILE, and those of uploads and jobs. */
export async function submitAsked({ store, knowledge }: Pick<Service, 'store' | 'knowledge'>, settings: WebhookSettings, ask: Ask): Promise<{ job: Job; baseSha: string }> {
  const repository = new RepositoryAt(settings, ask.repository);
  const { number, head, base } = 'pull' in ask ? ask.pull : await repository.pull(ask.number);
  if ('commentedAt' in ask && (head.repo === null || Date.parse(head.repo.pushed_at) >= Date.parse(ask.commentedAt))) {
    throw new QibenchError('NOT_REVIEWED', { number, reason: 'its code has been pushed after the comment; look at it and comment again' });
  }
  const baseSha = await repository.mergeBase(base.sha, head.sha);
  const file = settings.jobFile;
  const text = await repository.file(baseSha, file);
  if (text === null) throw new QibenchError('BAD_JOB_FILE', { file, reason: `it is not in the merge base ${baseSha}` });
  const written = parseYaml(text, file, JobFile);
  if (written.baseline !== undefined && written.baseline !== 'same' && written.baseline.job !== undefined) throw new QibenchError('BAD_JOB_FILE', { file, reason: 'baseline.job: a webhook takes no job as baseline' });
  const jobFile = written.baseline !== undefined || written.instrumentation === undefined ? written : { ...written, baseline: { instrumentation: written.instrumentation } };

  const names = new Map<string, string>();
  await withUploads(jobFile, (field, name) => {
    if (name.startsWith('sha256:')) throw new QibenchError('BAD_JOB_FILE', { file, reason: `${field}: a webhook takes folders of the repository, not digests` });
    const path = posix.normalize(name).replace(/\/+$/, '');
    if (path.startsWith('..') || path.startsWith('/') || path === '.') throw new QibenchError('BAD_JOB_FILE', { file, reason: `${field}: no folder within the repository` });
    names.set(field, path);
    return Promise.resolve('');
  });
  const access = { project: settings.project ?? jobFile.project ?? null, quota: null };
  const ofSide = (wanted: boolean) => new Map([...names].filter(([field]) => field.startsWith('baseline.') === wanted));
  const folders = new Map([...(await repository.folders(head.sha, ofSide(false))), ...(await repository.folders(baseSha, ofSide(true)))]);
  const request = await withUploads({ ...jobFile, ...(settings.project === null ? {} : { project: settings.project }), branch: `pull/${number}`, commit: head.sha }, async (field) => {
    const archive = await cleanArchive(await packFiles(folders.get(field)!));
    return (await saveUpload(store, archive, access)).digest;
  });
  const requestDigest = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const { job } = await acceptJob(store, { request, plan: planJob(request, knowledge, randomInt(2 ** 31)), requestDigest, access });
  return { job, baseSha };
}
