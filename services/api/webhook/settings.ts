// SPDX-License-Identifier: GPL-2.0-or-later
import { ProjectName } from '#contract/project.js';
import { BrokenRule, secret, setting, type Fault, type Values } from '#contract/settings.js';
import { httpUrl, matching, text } from '#contract/setting-types.js';

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

const REQUIRED = ['QIBENCH_GITHUB_TOKEN', 'QIBENCH_PUBLIC_URL'] as const;

export const WEBHOOK_SETTINGS = {
  QIBENCH_WEBHOOK_SECRET: secret(
    setting(
      "secret of GitHub's webhook; enables the receiver ([docs/action/webhook.md](action/webhook.md))",
      matching(/^.{16}/s, 'has less than 16 characters'),
      null,
      'unset: no receiver',
    ),
  ),
  QIBENCH_GITHUB_TOKEN: secret(
    setting('token of the receiver for GitHub', text, null, 'required with the receiver'),
  ),
  QIBENCH_PUBLIC_URL: setting(
    "this service's URL, for links from GitHub",
    httpUrl,
    null,
    'required with the receiver',
  ),
  QIBENCH_GITHUB_API_URL: setting("GitHub's API", httpUrl, 'https://api.github.com', "GitHub's"),
  QIBENCH_WEBHOOK_JOB_FILE: setting(
    'job file in the repositories',
    text,
    '.qibench.yaml',
    '`.qibench.yaml`',
  ),
  QIBENCH_WEBHOOK_LABEL: setting(
    'label of a pull request that requests a job',
    text,
    'bench',
    '`bench`',
  ),
  QIBENCH_WEBHOOK_PROJECT: setting(
    'project of the jobs',
    (value) =>
      ProjectName.safeParse(value).success ? value : new BrokenRule('is not a valid project name'),
    null,
    'the job file names it',
  ),
};

type WebhookValues = Values<typeof WEBHOOK_SETTINGS>;

/** Returns the faults of a receiver whose settings are incomplete. */
export function webhookFaults(values: WebhookValues): Fault[] {
  return REQUIRED.filter(
    (name) => values.QIBENCH_WEBHOOK_SECRET !== null && values[name] === null,
  ).map((name) => ({ setting: name, reason: 'is required if QIBENCH_WEBHOOK_SECRET is set' }));
}

/** Returns the settings of the receiver; null, which disables it, without a secret. */
export function webhookSettings(values: WebhookValues): WebhookSettings | null {
  if (values.QIBENCH_WEBHOOK_SECRET === null) return null;
  return {
    secret: values.QIBENCH_WEBHOOK_SECRET,
    project: values.QIBENCH_WEBHOOK_PROJECT,
    githubToken: values.QIBENCH_GITHUB_TOKEN!,
    jobFile: values.QIBENCH_WEBHOOK_JOB_FILE,
    label: values.QIBENCH_WEBHOOK_LABEL,
    githubApiUrl: values.QIBENCH_GITHUB_API_URL,
    publicUrl: values.QIBENCH_PUBLIC_URL!,
  };
}
