// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import { FAIL_ON, type FailOn } from '#contract/findings.js';
import { ProjectName } from '#contract/project.js';

const Flag = z.enum(['true', 'false'], 'true or false').transform((value) => value === 'true');
const Optional = z.string().transform((value) => (value === '' ? null : value));

const ServerUrl = z
  .string()
  .superRefine((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url === null || !['http:', 'https:'].includes(url.protocol))
      context.addIssue('an address that begins with https:// (or http://)');
    else if (url.username !== '' || url.password !== '')
      context.addIssue('holds a user or password; use the input token');
  })
  .transform((value) => value.replace(/\/+$/, ''));

/** A path within the repository, as git writes it. */
const RepositoryPath = z
  .string()
  .transform((value) => value.replace(/^\.\//, '').replace(/\/+$/, ''))
  .refine(isPlain, 'a path within the repository, without ".."');

/** The inputs of action.yml, by their names. */
const Inputs = z.object({
  mode: z.enum(['run', 'pack', 'submit-packed']),
  'server-url': z.union([z.literal(''), ServerUrl]),
  token: Optional,
  audience: Optional,
  'job-file': RepositoryPath,
  instrumentation: z
    .union([z.literal(''), RepositoryPath])
    .transform((value) => (value === '' ? null : value)),
  repository: z.enum(['instrumentation', 'qemu']),
  base: z.string().min(1),
  project: z
    .union([z.literal(''), ProjectName])
    .transform((value) => (value === '' ? null : value)),
  'fail-on': z.enum(FAIL_ON),
  'on-service-error': z.enum(['fail', 'warn']),
  comment: z.enum(['always', 'on-change', 'never']),
  check: Flag,
  detach: Flag,
  'timeout-minutes': z.coerce
    .number()
    .positive()
    .max(24 * 60),
  'label-required': Optional,
  'pack-folder': z.string().min(1),
  'github-token': Optional,
});

export interface Settings {
  readonly mode: 'run' | 'pack' | 'submit-packed';
  /** Empty in mode pack, which does not contact a service. */
  readonly serverUrl: string;
  readonly token: string | null;
  readonly audience: string;
  readonly jobFile: string;
  readonly instrumentation: string | null;
  readonly repository: 'instrumentation' | 'qemu';
  readonly base: string;
  readonly project: string | null;
  readonly failOn: FailOn;
  readonly onServiceError: 'fail' | 'warn';
  readonly comment: 'always' | 'on-change' | 'never';
  readonly check: boolean;
  readonly detach: boolean;
  readonly timeoutMinutes: number;
  readonly labelRequired: string | null;
  readonly packFolder: string;
  readonly githubToken: string | null;
}

/**
 * Reads the settings from the inputs; action.yml has the defaults.
 * @throws {BAD_INPUT} An input is missing or malformed.
 */
export function settingsOf(input: (name: string) => string): Settings {
  const parsed = Inputs.safeParse(
    Object.fromEntries(Object.keys(Inputs.shape).map((name) => [name, input(name)])),
  );
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
    throw new QibenchError('BAD_INPUT', { input: path.join('.'), reason: message });
  }
  const { data } = parsed;
  if (data.mode !== 'pack' && data['server-url'] === '')
    throw new QibenchError('BAD_INPUT', {
      input: 'server-url',
      reason: 'is needed: the address of the qibench service',
    });
  return {
    mode: data.mode,
    serverUrl: data['server-url'],
    token: data.token,
    audience: data.audience ?? data['server-url'],
    jobFile: data['job-file'],
    instrumentation: data.instrumentation,
    repository: data.repository,
    base: data.base,
    project: data.project,
    failOn: data['fail-on'],
    onServiceError: data['on-service-error'],
    comment: data.comment,
    check: data.check,
    detach: data.detach,
    timeoutMinutes: data['timeout-minutes'],
    labelRequired: data['label-required'],
    packFolder: data['pack-folder'],
    githubToken: data['github-token'],
  };
}

export function isPlain(path: string): boolean {
  return (
    path !== '' &&
    !path.startsWith('/') &&
    !/[\0\\]/.test(path) &&
    !path.split('/').some((segment) => segment === '..' || segment === '')
  );
}
