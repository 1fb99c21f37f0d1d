import { createHash } from 'node:crypto';
import { fitted, LIMITS_BYTES, type Section } from '../sections.js';
import type { GitHub } from './client.js';

/** Only comments of these are ours to change: whoever else may write the marker too. */
const OURS = ['OWNER', 'MEMBER', 'COLLABORATOR'];

export interface Comment {
  readonly pullNumber: number;
  /** Project and job name: a comment each. */
  readonly key: string;
  readonly runId: string;
  readonly sections: readonly Section[];
  readonly page: string;
  /** Whether the report says something that people should look at. */
  readonly remarkable: boolean;
  readonly mode: 'always' | 'on-change';
}

/** Write the one comment, or change it. With mode on-change, a new one is only made for something remarkable; one that was is said to be resolved. */
export async function putComment(
  github: GitHub,
  { pullNumber, key, runId, sections, page, remarkable, mode }: Comment,
): Promise<'created' | 'updated' | 'left' | 'newer'> {
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
  if (old === undefined && mode === 'on-change' && !remarkable) return 'left';
  if (old !== undefined && BigInt(old.runId) > BigInt(runId)) return 'newer';

  const marker = `<!-- qibench ${name} run=${runId} remarkable=${remarkable} -->`;
  const resolved =
    old?.remarkable === true && !remarkable
      ? ['**Resolved:** what was reported here before no longer applies.']
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
