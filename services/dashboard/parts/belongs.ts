import type { JobRequest } from '../../contract/job.js';
import { DEFAULT_BRANCH } from '../../contract/plain.js';
import { shortCommit } from '../format/commit.js';

/** Whose history a job's results join; null if none's. */
export function belongsTo({
  project,
  branch = DEFAULT_BRANCH,
  commit,
}: Pick<JobRequest, 'project' | 'branch' | 'commit'>): string | null {
  const parts = [
    project,
    project === undefined ? undefined : branch,
    commit === undefined ? undefined : shortCommit(commit),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? null : parts.join(' · ');
}
