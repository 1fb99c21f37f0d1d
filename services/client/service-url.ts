// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';

/**
 * Returns the URL of a service without slashes at its end.
 *
 * @param name Option or setting that has the URL.
 * @throws {BAD_USAGE} The URL is malformed; the error names the missing part.
 */
export function serviceUrl(value: string, name: string): string {
  const url = value.trim().replace(/\/+$/, '');
  const wrong = (reason: string) => new QibenchError('BAD_USAGE', { reason: `${name}: ${reason}` });
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url))
    throw wrong(`"${value}" has no scheme; write http://${url || 'HOST:PORT'}`);
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw wrong('it is not an http or https URL');
  if (parsed.username !== '' || parsed.password !== '')
    throw wrong('a URL with a user or a password is not supported; set a token instead');
  if (parsed.search !== '' || parsed.hash !== '') throw wrong('it must end before "?" and "#"');
  return url;
}
