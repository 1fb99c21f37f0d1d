// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';

/** The workflow's environment, as main.ts reads it. */
export interface WorkflowEnv {
  readonly eventName: string;
  readonly event: unknown;
  readonly repository: string;
  readonly sha: string;
  readonly ref: string;
  readonly runId: string;
  readonly runAttempt: string;
  readonly jobName: string;
  readonly workspace: string;
  readonly temporaryDir: string;
  readonly apiUrl: string;
}

export interface PullRequest {
  readonly number: number;
  readonly headSha: string;
  readonly baseSha: string;
  readonly fork: boolean;
  /** Last push to the head's repository, by GitHub's clock; null if that was deleted. */
  readonly pushedAt: string | null;
}

/** The event that started the measurement, with the keys to look up its pull request. */
export type Trigger =
  | {
      readonly type: 'commit';
      readonly sha: string;
      readonly branch: string;
      /** Commit to compare with, which the event names: of a merge queue; null without one. */
      readonly baseSha: string | null;
    }
  | { readonly type: 'pull-request'; readonly pull: PullRequest }
  | {
      readonly type: 'comment';
      readonly number: number;
      readonly at: string;
      /** Login of the author. */
      readonly by: string;
    }
  | { readonly type: 'workflow-run'; readonly headSha: string; readonly head: string };

const Sha = z.string().regex(/^[0-9a-f]{40,64}$/);

/** Becomes part of an address. */
export const Login = z.string().regex(/^[A-Za-z0-9_-]+(\[bot\])?$/);

/** A pull request in an event; the REST API returns the same shape. */
export const PullPayload = z.object({
  number: z.number().int(),
  head: z.object({
    sha: Sha,
    repo: z.object({ id: z.number(), pushed_at: z.string() }).nullable(),
  }),
  base: z.object({ sha: Sha, repo: z.object({ id: z.number() }) }),
});

const CommentPayload = z.object({
  issue: z.object({ number: z.number().int(), pull_request: z.unknown().optional() }),
  comment: z.object({
    body: z.string(),
    author_association: z.string(),
    created_at: z.string(),
    user: z.object({ login: Login }),
  }),
});

const QueuePayload = z.object({
  merge_group: z.object({ head_sha: Sha, base_sha: Sha, base_ref: z.string() }),
});

const RunPayload = z.object({
  workflow_run: z.object({
    event: z.string(),
    head_sha: Sha,
    head_branch: z.string(),
    head_repository: z.object({ owner: z.object({ login: z.string() }) }),
  }),
});

/**
 * Author associations that may start a measurement with a comment. Members and collaborators may
 * still lack the right to write (`requireConsent`).
 */
const MAY_ASK = ['OWNER', 'MEMBER', 'COLLABORATOR'];
const COMMAND = /^\/bench\s*$/m;

/**
 * Reads the trigger from the workflow's event.
 * @throws {BAD_INPUT} The event cannot start a measurement.
 * @throws {NOT_REVIEWED} The author of a /bench comment may not start one.
 */
export function triggerOf({ eventName, event, sha, ref }: WorkflowEnv): Trigger {
  switch (eventName) {
    case 'pull_request':
    case 'pull_request_target':
      return {
        type: 'pull-request',
        pull: pullOf(z.object({ pull_request: PullPayload }).parse(event).pull_request),
      };
    case 'issue_comment': {
      const { issue, comment } = CommentPayload.parse(event);
      if (issue.pull_request === undefined || !COMMAND.test(comment.body))
        throw wrongEvent(
          'the comment does not say /bench on a pull request; filter such events with the workflow\'s "if"',
        );
      if (!MAY_ASK.includes(comment.author_association))
        throw new QibenchError('NOT_REVIEWED', {
          number: issue.number,
          reason: 'only owners, members and collaborators may use /bench',
        });
      return {
        type: 'comment',
        number: issue.number,
        at: comment.created_at,
        by: comment.user.login,
      };
    }
    case 'workflow_run': {
      const { workflow_run: run } = RunPayload.parse(event);
      if (run.event !== 'pull_request')
        throw wrongEvent(
          `the workflow that ended was started by ${run.event}, not by pull_request`,
        );
      return {
        type: 'workflow-run',
        headSha: run.head_sha,
        head: `${run.head_repository.owner.login}:${run.head_branch}`,
      };
    }
    case 'merge_group': {
      const { merge_group: group } = QueuePayload.parse(event);
      return {
        type: 'commit',
        sha: group.head_sha,
        branch: branchOf(ref),
        baseSha: group.base_sha,
      };
    }
    default:
      return { type: 'commit', sha: Sha.parse(sha), branch: branchOf(ref), baseSha: null };
  }
}

const branchOf = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');

export function pullOf({ number, head, base }: z.infer<typeof PullPayload>): PullRequest {
  return {
    number,
    headSha: head.sha,
    baseSha: base.sha,
    fork: head.repo?.id !== base.repo.id,
    pushedAt: head.repo?.pushed_at ?? null,
  };
}

function wrongEvent(reason: string): QibenchError {
  return new QibenchError('BAD_INPUT', { input: 'mode', reason });
}
