import { QibenchError } from '../../contract/error.js';
import { PullPayload, pullOf, type PullRequest, type Trigger } from '../trigger.js';
import type { GitHub } from './client.js';

/** The pull request that a trigger is about; null for a commit. What only GitHub knows is asked there, never taken from what the pull request sent. */
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
      reason: `${found.length} open pull requests have the head ${trigger.headSha} of ${trigger.head}; there must be one`,
    });
  return fetched(github, found[0]!.number);
}

async function fetched(github: GitHub, number: number): Promise<PullRequest> {
  return pullOf(
    PullPayload.parse((await github.rest.pulls.get({ ...github.at, pull_number: number })).data),
  );
}

/** A maintainer's word holds for what had been pushed when it was given. Errors: NOT_REVIEWED. */
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
      throw refuse('its code has been pushed after the comment; look at it and comment again');
    return;
  }
  if (!pull.fork) return;
  if (labelRequired === null)
    throw refuse(
      'it comes from a fork, and the input label-required names no label by which a maintainer allows that',
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
    throw refuse(`a maintainer has to look at its code and set the label "${labelRequired}"`);
  if (!isAfter(last.created_at, pull.pushedAt))
    throw refuse(
      `its code has been pushed after the label "${labelRequired}" was set; look at it, and set the label again`,
    );
}

/** A push within the same second counts as later. */
function isAfter(at: string, pushedAt: string | null): boolean {
  return pushedAt !== null && Date.parse(at) > Date.parse(pushedAt);
}
