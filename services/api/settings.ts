// SPDX-License-Identifier: GPL-2.0-or-later
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { QibenchError } from '#contract/error.js';
import { JOB_QUOTA, type ProjectQuota } from '#contract/project-use.js';
import { ProjectName } from '#contract/project.js';
import { PROCESS_SETTINGS, SOURCE_SETTINGS } from '#contract/process-settings.js';
import { BrokenRule, setting, type Values } from '#contract/settings.js';
import { flag, listOf, matching, port, text, wholeNumber } from '#contract/setting-types.js';
import { TELEMETRY_SETTINGS } from '#telemetry/settings.js';
import { WEBHOOK_SETTINGS } from './webhook/settings.js';

/** Access settings of the operator. */
export interface AccessSettings {
  /** Disables authentication. Only allowed when listening on loopback. */
  readonly openOnLoopback: boolean;
  /** Addresses of the proxies whose X-Forwarded-For is trusted. */
  readonly trustProxy: readonly string[];
  readonly publicBadges: boolean;
  /** Serves /metrics without a token. */
  readonly openMetrics: boolean;
  /** Hosts that sources may come from. */
  readonly sourceHosts: readonly string[];
  /** Limit per token; on public routes, per address. */
  readonly requestsPerMinute: number;
  /** Limit of failed authentications per address. */
  readonly failuresPerMinute: number;
  readonly quota: ProjectQuota;
  /** Projects whose workloads may have a Dockerfile; `*`: all. */
  readonly imageProjects: readonly string[];
  /** Null if this service does not accept GitHub's id-tokens. */
  readonly github: { readonly issuer: string; readonly audience: string } | null;
}

export const ACCESS_SETTINGS = {
  QIBENCH_OPEN_METRICS: setting('1: `/metrics` needs no token', flag, false, '0'),
  QIBENCH_OPEN_ON_LOOPBACK: setting(
    '1: disables authentication; only allowed on a loopback address',
    flag,
    false,
    '0; with `qibench up` 1',
  ),
  QIBENCH_TRUST_PROXY: setting(
    'comma-separated addresses or networks of the proxies whose `X-Forwarded-*` headers are trusted',
    listOf(isNetwork, 'is not an address or a network like 10.0.0.0/8'),
    [],
    'none',
  ),
  QIBENCH_PUBLIC_BADGES: setting(
    "1: a job's badge needs no token, only the job's id, and short links need one",
    flag,
    false,
    '0',
  ),
  QIBENCH_REQUESTS_PER_MINUTE: setting(
    'requests per token, and per address for public routes',
    wholeNumber(1),
    1_200,
  ),
  QIBENCH_FAILURES_PER_MINUTE: setting(
    'requests with an invalid token, per address',
    wholeNumber(1),
    60,
  ),
  QIBENCH_QUOTA_QUEUED_JOBS: setting('queued jobs of a project', wholeNumber(1), 50),
  QIBENCH_QUOTA_JOBS_PER_DAY: setting(
    'jobs that a project submits within 24 hours',
    wholeNumber(1),
    500,
  ),
  QIBENCH_QUOTA_VARIANTS_PER_JOB: setting(
    "variants of a job on both sides, a sweep's included",
    wholeNumber(1),
    JOB_QUOTA.variantsPerJob,
  ),
  QIBENCH_QUOTA_WORKLOADS_PER_JOB: setting(
    "workloads of a job, a sweep's included",
    wholeNumber(1),
    JOB_QUOTA.workloadsPerJob,
  ),
  QIBENCH_QUOTA_BLOCKS_PER_JOB: setting(
    'blocks of a job that fixes their number',
    wholeNumber(1),
    JOB_QUOTA.blocksPerJob,
  ),
  QIBENCH_QUOTA_RUNS_PER_JOB: setting(
    "blocks × variants × workloads of all batches, or 10 per second of the job's measuring time; " +
      'doubled if a threshold names `hostInstructions`',
    wholeNumber(1),
    JOB_QUOTA.runsPerJob,
  ),
  QIBENCH_QUOTA_RESULT_BYTES: setting(
    'all jobs of a project together, with their samples, logs and events',
    wholeNumber(1),
    4 * 1024 ** 3,
    '4 GiB',
  ),
  QIBENCH_QUOTA_UPLOAD_BYTES: setting(
    'all uploads of a project together',
    wholeNumber(1),
    256 * 1024 * 1024,
  ),
  QIBENCH_QUOTA_WORKLOAD_BYTES: setting(
    'all uploaded workloads of a project together, compressed; equal pieces count once',
    wholeNumber(1),
    4 * 1024 ** 3,
    '4 GiB',
  ),
  QIBENCH_QUOTA_IMPORTS_PER_DAY: setting(
    'imports of a project within 24 hours',
    wholeNumber(1),
    500,
  ),
  QIBENCH_QUOTA_IMPORT_BYTES: setting(
    'all imports of a project together',
    wholeNumber(1),
    256 * 1024 * 1024,
  ),
  QIBENCH_QUOTA_POINTS: setting(
    'points in the histories of a project, of some 512 bytes each',
    wholeNumber(1),
    5_000_000,
  ),
  QIBENCH_QUOTA_MARKS: setting('marks in the histories of a project', wholeNumber(1), 1_000),
  QIBENCH_IMAGE_PROJECTS: setting(
    'comma-separated projects whose workloads may have a Dockerfile, or `*` for all; Docker builds it ' +
      'with a network and with the rights of `docker build`; SECURITY.md describes the risk',
    listOf(
      (name) => name === '*' || ProjectName.safeParse(name).success,
      'is neither a project nor *',
    ),
    [],
    'none',
  ),
  ...SOURCE_SETTINGS,
  QIBENCH_GITHUB_AUDIENCE: setting(
    "audience of the workflows' id-tokens: the address of this service",
    text,
    null,
    'unset: id-tokens are refused',
  ),
  QIBENCH_GITHUB_ISSUER: setting(
    'issuer of id-tokens; for GitHub Enterprise `https://HOST/_services/token`',
    issuer,
    'https://token.actions.githubusercontent.com',
    "GitHub's",
  ),
};

/** Settings of the API process. */
export const API_SETTINGS = {
  ...PROCESS_SETTINGS,
  ...TELEMETRY_SETTINGS,
  QIBENCH_HOST: setting('address to listen on', text, '127.0.0.1', '`127.0.0.1`'),
  QIBENCH_PORT: setting('port to listen on; 0: any', port, 7171),
  QIBENCH_BASE_PATH: setting(
    'path below which a proxy serves the service, like `/qibench`; the proxy removes it from ' +
      'the requests that it forwards',
    matching(/^(?:\/[\w.~-]+)+$/, 'is not a path like /qibench, without a slash at its end'),
    null,
    'unset: the root of its host',
  ),
  ...ACCESS_SETTINGS,
  QIBENCH_TRACE_TOTAL_BYTES: setting(
    'stored bytes of all traces, shared by their projects; 0: no limit',
    wholeNumber(),
    20 * 1024 ** 3,
    '20 GiB',
  ),
  QIBENCH_TRACE_PROJECT_BYTES: setting(
    "stored bytes of a project's traces; 0: only the share of all",
    wholeNumber(),
    10 * 1024 ** 3,
    '10 GiB',
  ),
  QIBENCH_TRACE_DAYS: setting(
    'days after which records of traces are removed; 0: no limit',
    wholeNumber(),
    90,
  ),
  QIBENCH_RESULT_DAYS: setting(
    'days after which ended jobs with their results, imports and unused uploads are removed; ' +
      '0: no limit',
    wholeNumber(),
    365,
  ),
  QIBENCH_HISTORY_DAYS: setting(
    'days after which points of histories are removed, at the earliest with their job; 0: no limit',
    wholeNumber(),
    0,
  ),
  ...WEBHOOK_SETTINGS,
};

/** Returns the access settings of the operator. */
export function accessSettings(values: Values<typeof ACCESS_SETTINGS>): AccessSettings {
  return {
    openOnLoopback: values.QIBENCH_OPEN_ON_LOOPBACK,
    trustProxy: values.QIBENCH_TRUST_PROXY,
    publicBadges: values.QIBENCH_PUBLIC_BADGES,
    openMetrics: values.QIBENCH_OPEN_METRICS,
    requestsPerMinute: values.QIBENCH_REQUESTS_PER_MINUTE,
    failuresPerMinute: values.QIBENCH_FAILURES_PER_MINUTE,
    quota: {
      queuedJobs: values.QIBENCH_QUOTA_QUEUED_JOBS,
      jobsPerDay: values.QIBENCH_QUOTA_JOBS_PER_DAY,
      variantsPerJob: values.QIBENCH_QUOTA_VARIANTS_PER_JOB,
      workloadsPerJob: values.QIBENCH_QUOTA_WORKLOADS_PER_JOB,
      blocksPerJob: values.QIBENCH_QUOTA_BLOCKS_PER_JOB,
      runsPerJob: values.QIBENCH_QUOTA_RUNS_PER_JOB,
      resultBytes: values.QIBENCH_QUOTA_RESULT_BYTES,
      uploadBytes: values.QIBENCH_QUOTA_UPLOAD_BYTES,
      workloadBytes: values.QIBENCH_QUOTA_WORKLOAD_BYTES,
      importsPerDay: values.QIBENCH_QUOTA_IMPORTS_PER_DAY,
      importBytes: values.QIBENCH_QUOTA_IMPORT_BYTES,
      points: values.QIBENCH_QUOTA_POINTS,
      marks: values.QIBENCH_QUOTA_MARKS,
    },
    imageProjects: values.QIBENCH_IMAGE_PROJECTS,
    sourceHosts: values.QIBENCH_SOURCE_HOSTS,
    github:
      values.QIBENCH_GITHUB_AUDIENCE === null
        ? null
        : { audience: values.QIBENCH_GITHUB_AUDIENCE, issuer: values.QIBENCH_GITHUB_ISSUER },
  };
}

/**
 * Checks that a service without authentication listens on loopback only.
 * @throws {BAD_SETTING} Other machines could reach it.
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

/** Returns whether a text is an address, a network, or a name that the proxy rule knows. */
function isNetwork(entry: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(entry)) return true;
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

/**
 * Parses the issuer's URL. The issuer serves the keys that verify id-tokens, so the connection
 * must be secure.
 */
function issuer(value: string): string | BrokenRule {
  const url = URL.canParse(value) ? new URL(value) : null;
  const safe =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1'));
  return safe ? value.replace(/\/$/, '') : new BrokenRule('is not an https URL');
}
