// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { PullPayload, pullOf, type PullRequest, type Trigger } from '../trigger.js';
import type { GitHub } from './client.js';

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

/**
 * Checks that a maintainer approved measuring the pull request. An approval covers only the commits
 * pushed before it.
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
  if (trigger.type === 'comment') {
    if (!isAfter(trigger.at, pull.pushedAt))
      throw refuse('its code was pushed after the comment; review it and comment again');
    return;
  }
  if (!pull.fork) return;
  if (labelRequired === null)
    throw refuse(
      'it comes from a fork, and the input label-required is empty, so a maintainer cannot approve it',
    );
  if (github === null) throw refuse('the input github-token is needed to see its labels');
  const events = await github.paginate(github.rest.issues.listEvents, {
    ...github.at,
    issue_number: pull.number,
    per_page: 100,
  });
  const last = events
    .filter(
      (event) =>
        'label' in event &&
        event.label?.name === labelRequired &&
        ['labeled', 'unlabeled'].includes(event.event),
    )
    .at(-1);
  if (last === undefined || last.event !== 'labeled')
    throw refuse(`a maintainer must review its code and set the label "${labelRequired}"`);
  if (!isAfter(last.created_at, pull.pushedAt))
    throw refuse(
      `its code was pushed after the label "${labelRequired}" was set; review it and set the label again`,
    );
}

/** Returns whether an approval is later than the last push; false within the same second. */
function isAfter(at: string, pushedAt: string | null): boolean {
  return pushedAt !== null && Date.parse(at) > Date.parse(pushedAt);
}
