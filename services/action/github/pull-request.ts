// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { Login, PullPayload, pullOf, type PullRequest, type Trigger } from '../trigger.js';
import { isForbidden, type GitHub } from './client.js';

/**
 * Returns the pull request that a trigger is about; null for a commit. Facts about it come from
 * GitHub's event or API, never from the pull request's own content.
 * @throws {BAD_INPUT} `github-token` is missing, or the head does not belong to one pull request.
 */
export async function pullRequestOf(
  trigger: Trigger,
  github: GitHub | null,
): Promise<PullRequest | null> {
  if (trigger.type === 'commit') return null;
  if (trigger.type === 'pull-request') return trigger.pull;
  if (github === null)
    throw new QibenchError('BAD_INPUT', {
      input: 'github-token',
      reason: 'is needed to find the pull request',
    });
  if (trigger.type === 'comment') return fetched(github, trigger.number);
  const open = await github.paginate(github.rest.pulls.list, {
    ...github.at,
    state: 'open',
    head: trigger.head,
    per_page: 100,
  });
  const found = open.filter(({ head }) => head.sha === trigger.headSha);
  if (found.length !== 1)
    throw new QibenchError('BAD_INPUT', {
      input: 'mode',
      reason:
        `${found.length} open pull requests have the head ${trigger.headSha} of ` +
        `${trigger.head}; expected exactly one`,
    });
  return fetched(github, found[0]!.number);
}

async function fetched(github: GitHub, number: number): Promise<PullRequest> {
  return pullOf(
    PullPayload.parse((await github.rest.pulls.get({ ...github.at, pull_number: number })).data),
  );
}

/** Permissions that include pushing to the repository. */
const WRITES = ['admin', 'write'];

/**
 * Checks that a user who may write to the repository approved measuring the pull request, by a
 * comment or a label. An approval covers only the commits pushed before it.
 * @throws {NOT_REVIEWED} The approval is missing, or the code was pushed after it.
 */
export async function requireConsent(
  pull: PullRequest,
  trigger: Trigger,
  labelRequired: string | null,
  github: GitHub | null,
): Promise<void> {
  const refuse = (reason: string) =>
    new QibenchError('NOT_REVIEWED', { number: pull.number, reason });
  const byComment = trigger.type === 'comment';
  if (!byComment && !pull.fork) return;
  if (!byComment && labelRequired === null)
    throw refuse(
      'it comes from a fork, and the input label-required is empty, so a maintainer cannot approve it',
    );
  if (github === null) throw refuse('the input github-token is needed to see who approved it');
  // The payload of an event may be older than the last push.
  const current = await fetched(github, pull.number);
  if (current.headSha !== pull.headSha) throw refuse('it has other commits by now');
  const approval = byComment ? trigger : await lastLabel(github, pull.number, labelRequired!);
  if (approval === null)
    throw refuse(`a maintainer must review its code and set the label "${labelRequired}"`);
  if (!isAfter(approval.at, current.pushedAt))
    throw refuse(
      byComment
        ? 'its code was pushed after the comment; review it and comment again'
        : `its code was pushed after the label "${labelRequired}" was set; review it and set the label again`,
    );
  if (!(await mayWrite(github, approval.by)))
    throw refuse(`"${approval.by}" may not write to the repository`);
}

/** Returns when and by whom a label was set; null if the pull request does not have it. */
async function lastLabel(
  github: GitHub,
  number: number,
  name: string,
): Promise<{ readonly at: string; readonly by: string } | null> {
  const events = await github.paginate(github.rest.issues.listEvents, {
    ...github.at,
    issue_number: number,
    per_page: 100,
  });
  const last = events
    .filter(
      (event) =>
        'label' in event &&
        event.label?.name === name &&
        ['labeled', 'unlabeled'].includes(event.event),
    )
    .at(-1);
  return last?.event === 'labeled' ? { at: last.created_at, by: last.actor?.login ?? '' } : null;
}

/** Returns whether a user may write to the repository; false if GitHub does not tell. */
async function mayWrite({ rest, at }: GitHub, username: string): Promise<boolean> {
  if (!Login.safeParse(username).success) return false;
  try {
    const { data } = await rest.repos.getCollaboratorPermissionLevel({ ...at, username });
    return WRITES.includes(data.permission);
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

/** Returns whether an approval is later than the last push; false within the same second. */
function isAfter(at: string, pushedAt: string | null): boolean {
  return pushedAt !== null && Date.parse(at) > Date.parse(pushedAt);
}
