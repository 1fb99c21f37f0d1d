// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { code } from '#client/markdown.js';
import { asQibenchError, QibenchError, type ErrorBody } from '#contract/error.js';
import type { WebhookTrigger } from '#contract/webhook.js';
import { getJob } from '#store/jobs.js';
import { advanceDelivery, type Advance, type ClaimedDelivery } from '#store/webhooks.js';
import type { Service } from '../service.js';
import { RepositoryAt } from './github.js';
import { announcement, endOf } from './report.js';
import type { WebhookSettings } from './settings.js';
import { submitAsked } from './submit.js';

/** Dependencies of a step. */
export interface StepContext {
  readonly service: Pick<
    Service,
    'store' | 'catalogue' | 'compute' | 'telemetry' | 'accessSettings'
  >;
  readonly settings: WebhookSettings;
  readonly signal: AbortSignal;
}

/**
 * Takes the next step of a delivery. A step may be interrupted anywhere and repeated: the job is
 * accepted in the transaction that changes the state, an existing comment is found by its marker,
 * and changing a comment is idempotent.
 * @throws The error that prevents the step; its field `retry` marks a transient one.
 */
export async function takeStep(context: StepContext, claim: ClaimedDelivery): Promise<void> {
  const { service, settings, signal } = context;
  const repository = new RepositoryAt(settings, claim.trigger.repository, signal);
  const advance = (to: Advance) => advanceDelivery(service.store.pool, claim, to);
  switch (claim.state) {
    case 'received':
      return submit(context, repository, claim, advance);
    case 'submitted': {
      const job = (await getJob(service.store, claim.jobId!))!;
      return advance({
        state: 'announced',
        commentId: await say(
          repository,
          claim,
          announcement(job, claim.baseSha, settings.publicUrl),
        ),
      });
    }
    case 'announced': {
      const job = (await getJob(service.store, claim.jobId!))!;
      await repository.changeComment(
        claim.commentId!,
        [
          marker(claim),
          announcement(job, claim.baseSha, settings.publicUrl),
          '',
          await endOf(service, job),
        ].join('\n'),
      );
      return advance({ state: 'reported' });
    }
    case 'refused':
      await say(repository, claim, refusal(claim.error!));
      return advance({ state: 'reported', error: claim.error });
    default:
      throw new QibenchError('INTERNAL', {
        reason: `a delivery in the state ${claim.state} has no next step`,
      });
  }
}

async function submit(
  { service, settings }: StepContext,
  repository: RepositoryAt,
  claim: ClaimedDelivery,
  advance: (to: Advance) => Promise<void>,
): Promise<void> {
  try {
    await requireWriter(repository, claim.trigger);
    await submitAsked(
      service,
      settings,
      repository,
      claim.trigger,
      (baseSha) => (client, jobId) =>
        advanceDelivery(client, claim, { state: 'submitted', jobId, baseSha }),
    );
  } catch (error) {
    const known = asQibenchError(error);
    if (known.kind !== 'user') throw error;
    await advance({ state: 'refused', error: known.toBody() });
  }
}

/**
 * Checks that the user who requested the measurement may write to the repository: members and
 * collaborators may lack that right.
 * @throws {NOT_REVIEWED} The user may not.
 */
async function requireWriter(
  repository: RepositoryAt,
  { number, by }: WebhookTrigger,
): Promise<void> {
  if (by === undefined || !(await repository.mayWrite(by)))
    throw new QibenchError('NOT_REVIEWED', {
      number,
      reason: `"${by ?? 'unknown'}" may not write to the repository`,
    });
}

/**
 * Writes a comment once: an earlier attempt may have written it without receiving the response.
 * @returns The comment's id.
 */
async function say(
  repository: RepositoryAt,
  claim: ClaimedDelivery,
  text: string,
): Promise<number> {
  const { number } = claim.trigger;
  const earlier = claim.attempts > 1 ? await repository.marked(number, marker(claim)) : null;
  return earlier ?? repository.comment(number, `${marker(claim)}\n${text}`);
}

function marker({ delivery }: ClaimedDelivery): string {
  return `<!-- qibench delivery=${createHash('sha256').update(delivery).digest('hex').slice(0, 32)} -->`;
}

function refusal({ kind, message, details }: ErrorBody): string {
  const rules = details
    .slice(0, 10)
    .map(({ path, message: rule }) => `* ${code(path)}: ${code(rule)}`);
  return [
    '❌ ' +
      `${kind === 'user' ? 'qibench does not measure this' : 'qibench itself failed: the code was not judged'}: ` +
      `${code(message, 1_000)}`,
    '',
    ...rules,
  ].join('\n');
}
