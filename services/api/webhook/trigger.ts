// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import type { WebhookTrigger } from '#contract/webhook.js';

const Sha = z.string().regex(/^[0-9a-f]{40,64}$/);
/** The name becomes part of a URL, where `..` would lead to another repository. */
const RepositoryName = z.object({
  full_name: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*\/(?!\.{1,2}$)[A-Za-z0-9_.-]+$/),
});
/** Checked here, since an invalid time compares as neither earlier nor later. */
const Time = z.iso.datetime({ offset: true });

/** Becomes part of a URL, too. */
const Login = z.object({ login: z.string().regex(/^[A-Za-z0-9_-]+(\[bot\])?$/) });

/** A pull request, in webhooks as in responses of the REST API. */
export const Pull = z.object({
  number: z.number().int().positive(),
  state: z.string(),
  head: z.object({ sha: Sha, repo: z.object({ pushed_at: Time }).nullable() }),
  base: z.object({ sha: Sha }),
});
export type Pull = z.infer<typeof Pull>;

const Labelled = z.object({
  action: z.literal('labeled'),
  label: z.object({ name: z.string() }),
  pull_request: Pull,
  repository: RepositoryName,
  sender: Login,
});
const Commented = z.object({
  action: z.literal('created'),
  issue: z.object({ number: z.number().int().positive(), pull_request: z.looseObject({}) }),
  comment: z.object({
    body: z.string(),
    author_association: z.enum(['OWNER', 'MEMBER', 'COLLABORATOR']),
    created_at: Time,
    user: Login,
  }),
  repository: RepositoryName,
});

/**
 * Returns the measurement that a webhook event requests.
 * Null if it requests none, or if its author may not request one.
 */
export function parseTrigger(
  event: string | undefined,
  payload: unknown,
  label: string,
): WebhookTrigger | null {
  if (event === 'pull_request') {
    const parsed = Labelled.safeParse(payload);
    if (
      !parsed.success ||
      parsed.data.label.name !== label ||
      parsed.data.pull_request.state !== 'open'
    )
      return null;
    const { repository, pull_request: pull, sender } = parsed.data;
    return {
      repository: repository.full_name,
      number: pull.number,
      headSha: pull.head.sha,
      baseSha: pull.base.sha,
      by: sender.login,
    };
  }
  if (event !== 'issue_comment') return null;
  const parsed = Commented.safeParse(payload);
  if (!parsed.success || !/^\/bench\s*$/m.test(parsed.data.comment.body)) return null;
  return {
    repository: parsed.data.repository.full_name,
    number: parsed.data.issue.number,
    commentedAt: parsed.data.comment.created_at,
    by: parsed.data.comment.user.login,
  };
}
