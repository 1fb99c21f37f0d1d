import { CommanderError } from 'commander';
import { asQibenchError, QibenchError } from '#contract/error.js';
import { toUnavailable } from '#store/outage.js';
import { ServiceError } from './client.js';

/** Converts any error of a command to one of the catalogue. */
export function knownError(error: unknown): QibenchError | ServiceError {
  if (error instanceof ServiceError || error instanceof QibenchError) return error;
  if (error instanceof CommanderError)
    return new QibenchError('BAD_USAGE', { reason: error.message.replace(/^error: /, '') });
  const { code, path, syscall, severity, message } = error as NodeJS.ErrnoException & {
    severity?: string;
  };
  if (typeof code === 'string' && typeof severity === 'string')
    return new QibenchError('UNAVAILABLE', { what: 'Postgres', reason: message }, { cause: error });
  const outage = toUnavailable(error);
  if (typeof path === 'string' && typeof code === 'string')
    return new QibenchError('FILE_FAILED', { file: path, reason: `${syscall}: ${code}` });
  if (outage instanceof QibenchError) return outage;
  if (error instanceof TypeError && message === 'terminated')
    return new QibenchError('UNAVAILABLE', {
      what: 'the service',
      reason: 'it ended the connection within an answer',
    });
  return asQibenchError(error);
}
