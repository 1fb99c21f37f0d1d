// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { fitted, LIMITS_BYTES, type Section } from '../sections.js';
import type { GitHub } from './client.js';

/** Author associations whose comments may be changed: any other user could write the marker too. */
const OURS = ['OWNER', 'MEMBER', 'COLLABORATOR'];

export interface Comment {
  readonly pullNumber: number;
  /** Project and job name; each pair has its own comment. */
  readonly key: string;
  readonly runId: string;
  readonly sections: readonly Section[];
  readonly page: string;
  /** Whether the report has a result that needs attention. */
  readonly remarkable: boolean;
  readonly mode: 'always' | 'on-change';
}

/**
 * Creates the pull request's comment, or updates it. In mode on-change only a remarkable report
 * creates a comment. If the previous report was remarkable and this one is not, the comment says
 * that the problem is resolved.
 * @returns `newer` if a later run has already written the comment.
 */
export async function putComment(
  github: GitHub,
  { pullNumber, key, runId, sections, page, remarkable, mode }: Comment,
): Promise<'created' | 'updated' | 'none' | 'newer'> {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
  const all = await github.paginate(github.rest.issues.listComments, {
    ...github.at,
    issue_number: pullNumber,
    per_page: 100,
  });
  const old = all
    .filter(
      ({ user, author_association: author }) => user?.type === 'Bot' || OURS.includes(author ?? ''),
    )
    .flatMap(({ id, body }) => {
      const marker = new RegExp(
        `^<!-- qibench ${name} run=(\\d+) remarkable=(true|false) -->`,
      ).exec(body ?? '');
      return marker === null ? [] : [{ id, runId: marker[1]!, remarkable: marker[2] === 'true' }];
    })[0];
  if (old === undefined && mode === 'on-change' && !remarkable) return 'none';
  if (old !== undefined && BigInt(old.runId) > BigInt(runId)) return 'newer';

  const marker = `<!-- qibench ${name} run=${runId} remarkable=${remarkable} -->`;
  const resolved =
    old?.remarkable === true && !remarkable
      ? ['**Resolved:** the previous report no longer applies.']
      : [];
  const body = [
    marker,
    ...resolved,
    fitted(sections, LIMITS_BYTES.comment, `Everything: ${page}`),
  ].join('\n');
  if (old === undefined)
    await github.rest.issues.createComment({ ...github.at, issue_number: pullNumber, body });
  else await github.rest.issues.updateComment({ ...github.at, comment_id: old.id, body });
  return old === undefined ? 'created' : 'updated';
}
