// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ProjectName } from './project.js';

/**
 * Events that a trust may name. `pull_request_target` and `workflow_run` are excluded: they run
 * with the rights of the base on input that a stranger has sent.
 */
export const GithubEvent = z.enum([
  'push',
  'pull_request',
  'schedule',
  'workflow_dispatch',
  'merge_group',
  'release',
]);
export type GithubEvent = z.infer<typeof GithubEvent>;

export const TrustRequest = z.strictObject({
  project: ProjectName,
  repositoryId: z
    .string()
    .regex(/^[1-9]\d{0,18}$/, "the numeric id of a repository in GitHub's API"),
  repository: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/, 'owner/name')
    .optional()
    .describe('for display only; repositoryId decides'),
  ref: z
    .string()
    .regex(/^[A-Za-z0-9._/#+@*?-]{1,250}$/, 'a glob over refs, like refs/heads/main')
    .default('*'),
  events: z.array(GithubEvent).min(1).max(6).default(['push', 'pull_request']),
});
export type TrustRequest = z.infer<typeof TrustRequest>;

/** A repository whose workflows can get tokens for a project. */
export const Trust = z.object({
  id: z.uuid(),
  project: z.string(),
  repositoryId: z.string(),
  repository: z.string().nullable(),
  ref: z.string(),
  events: z.array(GithubEvent),
  createdAt: z.iso.datetime(),
});
export type Trust = z.infer<typeof Trust>;
export const TrustList = z.object({ trusts: z.array(Trust) });
export type TrustList = z.infer<typeof TrustList>;
