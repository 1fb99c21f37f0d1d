// SPDX-License-Identifier: GPL-2.0-or-later
import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import { QibenchError } from '#contract/error.js';
import type { Quota } from '#domain/access.js';

/** Access settings of the operator. */
export interface AccessSettings {
  /** Disables authentication. Only allowed when listening on loopback. */
  readonly openOnLoopback: boolean;
  /** Addresses of the proxies whose X-Forwarded-For is trusted. */
  readonly trustProxy: readonly string[];
  readonly publicBadges: boolean;
  /** Serves /metrics without a token. */
  readonly openMetrics: boolean;
  /** Limit per token; on public routes, per address. */
  readonly requestsPerMinute: number;
  /** Limit of failed authentications per address. */
  readonly failuresPerMinute: number;
  readonly quota: Quota;
  /** Null if this service does not accept GitHub's id-tokens. */
  readonly github: { readonly issuer: string; readonly audience: string } | null;
}

/**
 * Reads the access settings from the environment.
 * @throws {BAD_SETTING} when a value is malformed.
 */
export function readAccessSettings(
  environment: Readonly<Record<string, string | undefined>>,
): AccessSettings {
  const audience = text(environment, 'QIBENCH_GITHUB_AUDIENCE');
  return {
    openOnLoopback: yes(environment, 'QIBENCH_OPEN_ON_LOOPBACK'),
    trustProxy: (text(environment, 'QIBENCH_TRUST_PROXY') ?? '')
      .split(',')
      .map((address) => address.trim())
      .filter((address) => address !== ''),
    publicBadges: yes(environment, 'QIBENCH_PUBLIC_BADGES'),
    openMetrics: yes(environment, 'QIBENCH_OPEN_METRICS'),
    requestsPerMinute: count(environment, 'QIBENCH_REQUESTS_PER_MINUTE', 1_200),
    failuresPerMinute: count(environment, 'QIBENCH_FAILURES_PER_MINUTE', 60),
    quota: {
      queuedJobs: count(environment, 'QIBENCH_QUOTA_QUEUED_JOBS', 50),
      uploadBytes: count(environment, 'QIBENCH_QUOTA_UPLOAD_BYTES', 256 * 1024 * 1024),
      runsPerJob: count(environment, 'QIBENCH_QUOTA_RUNS_PER_JOB', 10_000),
    },
    github:
      audience === undefined
        ? null
        : {
            audience,
            issuer: issuer(
              text(environment, 'QIBENCH_GITHUB_ISSUER') ??
                'https://token.actions.githubusercontent.com',
            ),
          },
  };
}

/**
 * Checks that a service without authentication listens on loopback only.
 * @throws {BAD_SETTING} when other machines could reach it.
 */
export async function checkOpen({ openOnLoopback }: AccessSettings, host: string): Promise<void> {
  if (!openOnLoopback) return;
  const addresses = await lookup(host, { all: true }).catch(() => []);
  if (addresses.length > 0 && addresses.every(({ address }) => isLoopback(address))) return;
  throw new QibenchError('BAD_SETTING', {
    setting: 'QIBENCH_OPEN_ON_LOOPBACK',
    reason: `the service listens on ${host}, where others can reach it; unset this and create tokens`,
  });
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

export function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

type Environment = Readonly<Record<string, string | undefined>>;

const text = (environment: Environment, setting: string): string | undefined =>
  environment[setting] === '' ? undefined : environment[setting];

function yes(environment: Environment, setting: string): boolean {
  const value = text(environment, setting) ?? '0';
  if (value !== '0' && value !== '1')
    throw new QibenchError('BAD_SETTING', { setting, reason: 'must be 0 or 1' });
  return value === '1';
}

function count(environment: Environment, setting: string, fallback: number): number {
  const value = text(environment, setting) ?? String(fallback);
  if (!/^[1-9]\d{0,14}$/.test(value))
    throw new QibenchError('BAD_SETTING', { setting, reason: 'must be a whole number above 0' });
  return Number(value);
}

/**
 * Checks the issuer's URL. The issuer serves the keys that verify id-tokens, so the connection
 * must be secure.
 */
function issuer(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  const safe =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1'));
  if (!safe)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_GITHUB_ISSUER',
      reason: 'must be an https URL',
    });
  return value.replace(/\/$/, '');
}
