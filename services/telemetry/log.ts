// SPDX-License-Identifier: GPL-2.0-or-later
import pino, { type Logger } from 'pino';

/**
 * Log of a process: one line of JSON per event, on stderr. stdout is for output that people read
 * once.
 */
export type Log = Logger;

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
/** Matches the password of a URL in any text. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s"'/@:]*):[^\s"'/@]+@/gi;
/** Matches the value of an Authorization header in any text. */
const AUTHORIZATION = /\b(Bearer|Basic) [\w.~+/-]{8,}=*/g;

/**
 * Opens a log whose lines carry `base`. Untrusted text is safe in it, because it stays within JSON
 * strings.
 *
 * @param secrets Texts that are replaced wherever they occur in a line; short ones as whole words.
 */
export function openLog(
  level: string,
  base: Readonly<Record<string, string | undefined>>,
  write?: (line: string) => void,
  secrets: readonly string[] = [],
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
      hooks: { streamWrite: redactor(secrets) },
    },
    destination,
  );
}

/** Shorter secrets are replaced only as whole words: "t" occurs in most lines by chance. */
const DISTINCT_LENGTH = 8;

/** Returns a function that replaces secrets in a text, also within JSON and JSON within JSON. */
function redactor(secrets: readonly string[]): (text: string) => string {
  const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
  const forms = secrets.flatMap((text) => [text, escaped(text), escaped(escaped(text))]);
  const longestFirst = [...new Set(forms)]
    .filter((text) => text !== '')
    .sort((one, other) => other.length - one.length)
    .map(patternOf);
  return (text) =>
    longestFirst
      .reduce((line, pattern) => line.replace(pattern, '[redacted]'), text)
      .replace(TOKEN, 'qib_[redacted]')
      .replace(URL_PASSWORD, '$1:[redacted]@')
      .replace(AUTHORIZATION, '$1 [redacted]');
}

function patternOf(secret: string): RegExp {
  const literal = secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return new RegExp(secret.length < DISTINCT_LENGTH ? `(?<!\\w)${literal}(?!\\w)` : literal, 'g');
}
