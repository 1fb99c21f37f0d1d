// SPDX-License-Identifier: GPL-2.0-or-later
import pino, { type Logger } from 'pino';
import { QibenchError } from '#contract/error.js';

/**
 * Log of a process: one line of JSON per event, on stderr. stdout is for output that people read
 * once.
 */
export type Log = Logger;

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
/** Fields that hold secrets; redacted in every log line. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'token',
  'idToken',
  'secret',
  'password',
  'databaseUrl',
  'redisUrl',
];
/** Matches a qibench token in any text, for example within an error. */
const TOKEN = /qib_[0-9a-f]{48}_[0-9a-f]{8}/g;

/**
 * Parses the log level; the default is `info`.
 *
 * @throws {BAD_SETTING} The level is unknown.
 */
export function logLevel(text: string | undefined): string {
  const level = text === undefined || text === '' ? 'info' : text;
  if (!LEVELS.includes(level))
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_LOG_LEVEL',
      reason: `must be one of ${LEVELS.join(', ')}`,
    });
  return level;
}

/**
 * Opens a log whose lines carry `base`. Untrusted text is safe in it, because it stays within JSON
 * strings.
 */
export function openLog(
  level: string,
  base: Readonly<Record<string, string | undefined>>,
  write?: (line: string) => void,
): Log {
  // Synchronous: the last lines before a crash are the ones that matter.
  const destination = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  return pino(
    {
      level,
      base,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) =>
          ['', '*.', '*.*.'].map((place) =>
            /\W/.test(field) ? `${place.slice(0, -1)}["${field}"]` : `${place}${field}`,
          ),
        ),
        censor: '[redacted]',
      },
      hooks: { streamWrite: (line) => line.replace(TOKEN, 'qib_[redacted]') },
    },
    destination,
  );
}
