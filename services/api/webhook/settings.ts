// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { ProjectName } from '#contract/project.js';

/** Settings of the receiver of GitHub's webhooks. */
export interface WebhookSettings {
  readonly secret: string;
  /** Token that can read the repositories' contents and write comments on pull requests. */
  readonly githubToken: string;
  readonly githubApiUrl: string;
  readonly jobFile: string;
  readonly label: string;
  /** Project of the jobs; null: the job file names it. */
  readonly project: string | null;
  /** URL of this service, for links. */
  readonly publicUrl: string;
}

/**
 * Reads the settings of the receiver; null, which disables it, if the secret is not set.
 * @throws {BAD_SETTING} when a setting is missing or malformed.
 */
export function readWebhookSettings(
  env: Readonly<Record<string, string | undefined>>,
): WebhookSettings | null {
  const secret = env.QIBENCH_WEBHOOK_SECRET ?? '';
  if (secret === '') return null;
  const needed = (setting: string) => {
    if ((env[setting] ?? '') === '')
      throw new QibenchError('BAD_SETTING', {
        setting,
        reason: 'is required if QIBENCH_WEBHOOK_SECRET is set',
      });
    return env[setting]!;
  };
  const address = (setting: string, value: string) => {
    if (!URL.canParse(value) || !/^https?:/.test(value))
      throw new QibenchError('BAD_SETTING', { setting, reason: 'must be a URL' });
    return value.replace(/\/+$/, '');
  };
  if (secret.length < 16)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_WEBHOOK_SECRET',
      reason: 'must have at least 16 characters',
    });
  const project = env.QIBENCH_WEBHOOK_PROJECT ?? null;
  if (project !== null && !ProjectName.safeParse(project).success)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_WEBHOOK_PROJECT',
      reason: 'is not a valid project name',
    });
  return {
    secret,
    project,
    githubToken: needed('QIBENCH_GITHUB_TOKEN'),
    jobFile: env.QIBENCH_WEBHOOK_JOB_FILE ?? '.qibench.yaml',
    label: env.QIBENCH_WEBHOOK_LABEL ?? 'bench',
    githubApiUrl: address(
      'QIBENCH_GITHUB_API_URL',
      env.QIBENCH_GITHUB_API_URL ?? 'https://api.github.com',
    ),
    publicUrl: address('QIBENCH_PUBLIC_URL', needed('QIBENCH_PUBLIC_URL')),
  };
}
