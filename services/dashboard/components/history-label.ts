// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobRequest } from '#contract/job.js';
import { DEFAULT_BRANCH } from '#contract/constants.js';
import { shortCommit } from '../format/commit.js';

/** Returns a label of the history that a job's results join; null without one. */
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
