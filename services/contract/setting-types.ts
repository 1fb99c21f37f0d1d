// SPDX-License-Identifier: GPL-2.0-or-later
import { BrokenRule, type SettingType } from './settings.js';

/** Any text. */
export const text: SettingType<string> = (value) => value;

/** A text that a pattern matches. */
export function matching(pattern: RegExp, rule: string): SettingType<string> {
  return (value) => (pattern.test(value) ? value : new BrokenRule(rule));
}

/** A whole number within bounds. */
export function wholeNumber(
  minimum = 0,
  maximum: number = Number.MAX_SAFE_INTEGER,
): SettingType<number> {
  const rule =
    maximum < Number.MAX_SAFE_INTEGER
      ? `is not a whole number from ${minimum} to ${maximum}`
      : `is not a whole number${minimum > 0 ? ` above ${minimum - 1}` : ''}`;
  return (value) => {
    const number = Number(value);
    return /^\d{1,16}$/.test(value) && number >= minimum && number <= maximum
      ? number
      : new BrokenRule(rule);
  };
}

/** Port to listen on; 0: any free one. */
export const port = wholeNumber(0, 65_535);

/** 1 or 0. */
export const flag: SettingType<boolean> = (value) =>
  value === '0' || value === '1' ? value === '1' : new BrokenRule('is not 0 or 1');

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): SettingType<T> {
  return (value) =>
    words.find((word) => word === value) ?? new BrokenRule(`is not one of ${words.join(', ')}`);
}

/** A list with commas; spaces around its entries and empty entries do not count. */
export function listOf(
  accepts: (entry: string) => boolean,
  rule: string,
): SettingType<readonly string[]> {
  return (value) => {
    const entries = value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
    const wrong = entries.find((entry) => !accepts(entry));
    return wrong === undefined
      ? [...new Set(entries)]
      : new BrokenRule(entries.length === 1 ? rule : `has "${wrong.slice(0, 100)}", which ${rule}`);
  };
}

/** An http or https URL, without a slash at its end. */
export const httpUrl: SettingType<string> = (value) =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    ? value.replace(/\/+$/, '')
    : new BrokenRule('is not an http or https URL');

/** A URL of Postgres, which names its host or the folder of its socket. */
export const postgresUrl: SettingType<string> = (value) => {
  const example = 'postgresql://user:password@host:5432/database';
  // A URL with a user and a socket has no host; the parser of the driver accepts it.
  const parsed = parse(value.replace('@/', '@socket/'));
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol))
    return new BrokenRule(
      `is not a URL like ${example}; special characters of the password need encoding`,
    );
  return namesHost(value) || (parsed.searchParams.get('host') ?? '') !== ''
    ? value
    : new BrokenRule(`names no host; write ${example}`);
};

/**
 * A URL of Redis, which names its host or the file of its socket. Its client would use database 0
 * instead of one without a number.
 */
export const redisUrl: SettingType<string> = (value) => {
  const example = 'redis://user:password@host:6379';
  const parsed = parse(value);
  const socket = parsed?.protocol === 'unix:' && parsed.pathname.length > 1;
  const encoded = parsed !== null && isEncoded(parsed.username) && isEncoded(parsed.password);
  if (parsed === null || !(socket || (encoded && /^rediss?:$/.test(parsed.protocol))))
    return new BrokenRule(
      `is not a URL like ${example} or unix:///socket; special characters of the password need ` +
        'encoding',
    );
  if (!socket && !namesHost(value)) return new BrokenRule(`names no host; write ${example}`);
  const inPath = socket ? '' : parsed.pathname.slice(1);
  return /^\d*$/.test(inPath || (parsed.searchParams.get('db') ?? ''))
    ? value
    : new BrokenRule(`names a database that is not a number; write ${example}/0`);
};

/** Address of a Docker engine on this machine or in its network. */
export const dockerHost: SettingType<string> = (value) => {
  if (value.startsWith('ssh:'))
    return new BrokenRule(
      'is not supported, since a worker measures the machine that it runs on; ' +
        'write unix:///SOCKET or tcp://HOST:PORT',
    );
  const socket = /^unix:\/\/\/./.test(value);
  return socket || (/^(?:tcp|https?):\/\/[^/:]+:\d+\/?$/.test(value) && parse(value) !== null)
    ? value
    : new BrokenRule('is not an address like unix:///SOCKET or tcp://HOST:PORT');
};

/** Returns the secrets of a URL: its password, also as it is before encoding, and keys in its query. */
export function urlSecrets(value: string): string[] {
  const parsed = parse(value.replace('@/', '@socket/'));
  if (parsed === null) return [value];
  const keys = [...parsed.searchParams]
    .filter(([name]) => /pass|token|secret|key|auth/i.test(name))
    .map(([, entry]) => entry);
  return [parsed.password, decoded(parsed.password), ...keys].filter((part) => part !== '');
}

function namesHost(value: string): boolean {
  const [, authority = ''] = /^[a-z]+:\/\/([^/?#]*)/i.exec(value) ?? [];
  return /^[^:]/.test(authority.slice(authority.lastIndexOf('@') + 1));
}

function parse(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null;
}

function decoded(value: string): string {
  return isEncoded(value) ? decodeURIComponent(value) : value;
}

/** Returns whether every "%" of a part of a URL begins an encoded character. */
function isEncoded(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
