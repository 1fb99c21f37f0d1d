// SPDX-License-Identifier: GPL-2.0-or-later
import { CommanderError } from 'commander';
import { asQibenchError, QibenchError } from '#contract/error.js';
import { toUnavailable } from '#store/outage.js';
import { ServiceError } from './client.js';

/** Words for the errors of files that a user can put right. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not do that',
  EISDIR: 'it is a folder',
  ENOENT: 'the file or folder does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a folder',
  EPERM: 'this user may not do that',
  EROFS: 'the disk is read-only',
};

/** Converts any error of a command to one of the catalogue. */
export function knownError(error: unknown): QibenchError | ServiceError {
  if (error instanceof ServiceError || error instanceof QibenchError) return error;
  if (error instanceof CommanderError) {
    const reason = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    return new QibenchError('BAD_USAGE', {
      reason: `${reason}; --help lists commands and options`,
    });
  }
  const { code, path, syscall, severity, message } = error as NodeJS.ErrnoException & {
    severity?: string;
  };
  if (typeof code === 'string' && typeof severity === 'string')
    return new QibenchError('UNAVAILABLE', { what: 'Postgres', reason: message }, { cause: error });
  const outage = toUnavailable(error);
  if (typeof code === 'string' && (typeof path === 'string' || code in REASONS))
    return new QibenchError(
      'FILE_FAILED',
      { file: path ?? 'a file', reason: REASONS[code] ?? `${syscall}: ${code}` },
      { cause: error },
    );
  if (outage instanceof QibenchError) return outage;
  if (error instanceof TypeError && message === 'terminated')
    return new QibenchError('UNAVAILABLE', {
      what: 'the service',
      reason: 'it ended the connection within an answer',
    });
  return asQibenchError(error);
}
