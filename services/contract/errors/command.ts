// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorEntry } from './entry.js';

/** Errors of the command: its arguments, its files, bisections, backups and the service that it starts. */
export const COMMAND_ERRORS = {
  BAD_USAGE: { kind: 'user', http: 422, retry: false, text: '{reason}' },
  FILE_FAILED: { kind: 'user', http: 422, retry: false, text: '{file}: {reason}' },
  BAD_JOB_FILE: { kind: 'user', http: 422, retry: false, text: '{file}: {reason}' },
  BAD_BUNDLE: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{file} is not a valid bundle of a job: {reason}',
  },
  TRIAL_FAILED: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'job {id} of "{candidate}" is {state}: {reason}',
  },
  BAD_BACKUP: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{file} is not a backup that can be restored: {reason}',
  },
  DATABASE_NOT_EMPTY: {
    kind: 'user',
    http: 409,
    retry: false,
    text: 'a backup can only be restored into an empty database: {what}',
  },
  SERVICE_RUNS: {
    kind: 'user',
    http: 409,
    retry: false,
    text:
      'a service with the data folder {dataDir} is already running (process {pid}); ' +
      'stop it, or set QIBENCH_HOME to another folder',
  },
} as const satisfies Record<string, ErrorEntry>;
