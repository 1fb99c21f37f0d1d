// SPDX-License-Identifier: GPL-2.0-or-later
import { asQibenchError, QibenchError, type ErrorBody } from '#contract/error.js';
import type { Comparison } from '#contract/comparison.js';
import type { Job, JobRequest } from '#contract/job.js';
import type { LogPage } from '#contract/job-event.js';
import { followJob } from './follow.js';
import { Git } from './git.js';
import type { GitHub } from './github/client.js';
import { beginCheck } from './github/check.js';
import { pullRequestOf, requireConsent } from './github/pull-request.js';
import type { Ending } from './gate.js';
import type { Log } from './log.js';
import { findingMetrics } from '#contract/findings.js';
import { outcomeOf } from './outcome.js';
import { idempotencyKey, prepareCommit, preparePack, type Prepared } from './request.js';
import { jobPage, ServiceError, type Service } from './service.js';
import type { Settings } from './settings.js';
import { triggerOf, type PullRequest, type WorkflowEnv } from './trigger.js';
import { plain } from '#client/markdown.js';

/** Everything that a run uses: settings, environment, clients and callbacks. */
export interface ActionContext {
  readonly settings: Settings;
  readonly workflow: WorkflowEnv;
  readonly service: Service;
  readonly github: GitHub | null;
  readonly log: Log;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  readonly saveState: (name: 'job' | 'check' | 'done', value: string) => void;
  readonly warn: (text: string) => void;
}

/** State of a run, filled in as it goes, so that every ending can be reported. */
export interface Progress {
  pull: PullRequest | null;
  prepared: Prepared | null;
  /** The request that has been or is being submitted. */
  submission: { readonly request: JobRequest; readonly key: string } | null;
  job: Job | null;
  checkId: number | null;
}

/** Explains why a workflow started by a fork's pull request did not measure it. */
const TWO_WORKFLOWS =
  'Pull requests from forks get neither secrets nor id-tokens. Let one workflow pack them (mode ' +
  '`pack`) and another, started by `workflow_run`, submit the pack (mode `submit-packed`) once a ' +
  'maintainer has set a label: docs/action/forks.md.';

/** Runs the Action from trigger to comparison. Returns errors and cancellations as endings. */
export async function run(context: ActionContext, progress: Progress): Promise<Ending> {
  const { signal } = context;
  try {
    return await measured(context, progress);
  } catch (error) {
    const { job, pull } = progress;
    if (signal.aborted) {
      await cancelled(context, progress).catch((failure: Error) =>
        context.warn(`the job could not be cancelled: ${failure.message}`),
      );
      const reason = asQibenchError(signal.reason);
      return reason.code === 'NOT_IN_TIME'
        ? { type: 'service-failed', job, error: reason.toBody() }
        : { type: 'cancelled', job, by: 'workflow' };
    }
    if (error instanceof QibenchError && error.code === 'NOT_REVIEWED')
      return {
        type: 'skipped',
        reason: `${plain(error.message)}.${context.workflow.eventName === 'pull_request' ? ` ${TWO_WORKFLOWS}` : ''}`,
      };
    if (error instanceof ServiceError && error.code === 'UNAUTHENTICATED' && pull?.fork === true)
      return { type: 'skipped', reason: TWO_WORKFLOWS };
    return failed(error, job);
  }
}

/** Cancels the submitted job, even if the answer to its submission was lost. */
async function cancelled({ service }: ActionContext, { job, submission }: Progress): Promise<void> {
  const id =
    job?.id ??
    (submission === null ? null : (await service.submitted(submission.request, submission.key)).id);
  if (id !== null) await service.cancel(id);
}

async function measured(context: ActionContext, progress: Progress): Promise<Ending> {
  const { settings, workflow, service, github, log } = context;
  const trigger = triggerOf(workflow);
  const pull = (progress.pull = await pullRequestOf(trigger, github));
  if (pull !== null) await requireConsent(pull, trigger, settings.labelRequired, github);
  const headSha = pull?.headSha ?? (trigger.type === 'commit' ? trigger.sha : '');
  const target = {
    git: new Git(workflow.workspace),
    settings,
    headSha,
    pull,
    queueBaseSha: trigger.type === 'commit' ? trigger.baseSha : null,
    branch: pull === null && trigger.type === 'commit' ? trigger.branch : `pull/${pull!.number}`,
  };
  const prepared = (progress.prepared =
    settings.mode === 'submit-packed' ? await preparePack(target) : await prepareCommit(target));
  log.line(`head ${headSha}${prepared.baseSha === null ? '' : `, base ${prepared.baseSha}`}`);
  for (const note of prepared.notes) log.line(note);
  if (prepared.unchanged) return { type: 'unchanged' };

  const request = await prepared.request(service);
  const { key } = (progress.submission = { request, key: idempotencyKey(workflow, request) });
  const job = (progress.job = await service.post<Job>('/v1/jobs', request, {
    'idempotency-key': key,
  }));
  context.saveState('job', job.id);
  log.line(`job ${job.id}: ${jobPage(service.url, job)}`);
  if (settings.detach) {
    context.saveState('done', 'true');
    return { type: 'detached', job };
  }
  await openCheck(context, progress);
  const ended = (progress.job = await followJob(service, job, context));
  return endingOf(service, ended, request.thresholds);
}

async function openCheck(
  { settings, github, service, saveState, warn }: ActionContext,
  progress: Progress,
): Promise<void> {
  if (!settings.check || github === null) return;
  const { prepared, job } = progress as Progress & { prepared: Prepared; job: Job };
  try {
    progress.checkId = await beginCheck(github, {
      name: checkName(prepared),
      headSha: prepared.headSha,
      page: jobPage(service.url, job),
    });
    saveState('check', String(progress.checkId));
  } catch (error) {
    warn(`no check run: ${(error as Error).message} (permissions: checks: write)`);
  }
}

function checkName({ jobFile }: Pick<Prepared, 'jobFile'>): string {
  return `qibench: ${plain(jobFile.name, 80)}`;
}

async function endingOf(
  service: Service,
  job: Job,
  thresholds: Parameters<typeof findingMetrics>[0],
): Promise<Ending> {
  if (job.state === 'cancelled') return { type: 'cancelled', job, by: 'user' };
  if (job.state === 'failed') {
    const ending = failed(
      new ServiceError(job.error!.message, job.error!.kind, job.error!.code, job.error!.details),
      job,
    );
    return ending.type === 'code-failed'
      ? { ...ending, logTail: await endOfLog(service, job.id) }
      : ending;
  }
  const comparisons: Comparison[] = [];
  for (const metric of findingMetrics(thresholds))
    comparisons.push(
      await service.get<Comparison>(
        `/v1/jobs/${job.id}/comparison?metric=${encodeURIComponent(metric)}`,
      ),
    );
  return { type: 'measured', job, comparisons, outcome: outcomeOf(comparisons) };
}

const TAIL_LINES = 60;
const LINE_CHARACTERS = 500;

async function endOfLog(service: Service, jobId: string): Promise<string> {
  let lines: string[] = [];
  for (let after = 0; ;) {
    const page: LogPage | null = await service
      .get<LogPage>(`/v1/jobs/${jobId}/logs?after=${after}&limit=1000`)
      .catch(() => null);
    if (page === null || page.chunks.length === 0)
      return lines.map((line) => line.slice(0, LINE_CHARACTERS)).join('\n');
    lines = [
      ...lines,
      ...page.chunks
        .map(({ text }) => text)
        .join('')
        .split('\n'),
    ].slice(-TAIL_LINES);
    after = page.next;
  }
}

/** Returns `code-failed` if the code is at fault, `service-failed` if the code was not judged. */
function failed(error: unknown, job: Job | null): Ending {
  const known: ErrorBody =
    error instanceof ServiceError
      ? { code: error.code, kind: error.kind, message: error.message, details: [...error.details] }
      : asQibenchError(error).toBody();
  const code = (known.kind === 'user' || known.kind === 'workload') && known.code !== 'MIXED_HOSTS';
  return code
    ? { type: 'code-failed', job, error: known, logTail: '' }
    : { type: 'service-failed', job, error: known };
}
