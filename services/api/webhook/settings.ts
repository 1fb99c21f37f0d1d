import { QibenchError } from '../../contract/error.js';
import { ProjectName } from '../../contract/project.js';

/** What the receiver of GitHub's webhooks needs. */
export interface WebhookSettings {
  readonly secret: string;
  /** May read the repositories' contents, and write comments on pull requests. */
  readonly githubToken: string;
  readonly githubApiUrl: string;
  readonly jobFile: string;
  readonly label: string;
  /** Whose results these are; null: what the job file says. */
  readonly project: string | null;
  /** Address of this service, for links. */
  readonly publicUrl: string;
}

/** Null where no secret is set: then there is no receiver. Errors: BAD_SETTING. */
export function readWebhookSettings(
  env: Readonly<Record<string, string | undefined>>,
): WebhookSettings | null {
  const secret = env.QIBENCH_WEBHOOK_SECRET ?? '';
  if (secret === '') return null;
  const needed = (setting: string) => {
    if ((env[setting] ?? '') === '')
      throw new QibenchError('BAD_SETTING', {
        setting,
        reason: 'is needed where QIBENCH_WEBHOOK_SECRET is set',
      });
    return env[setting]!;
  };
  const address = (setting: string, value: string) => {
    if (!URL.canParse(value) || !/^https?:/.test(value))
      throw new QibenchError('BAD_SETTING', { setting, reason: 'is no address' });
    return value.replace(/\/+$/, '');
  };
  if (secret.length < 16)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_WEBHOOK_SECRET',
      reason: 'is shorter than 16 characters',
    });
  const project = env.QIBENCH_WEBHOOK_PROJECT ?? null;
  if (project !== null && !ProjectName.safeParse(project).success)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_WEBHOOK_PROJECT',
      reason: 'is no name of a project',
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
