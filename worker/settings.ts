// SPDX-License-Identifier: GPL-2.0-or-later
import { PROCESS_SETTINGS, SOURCE_SETTINGS } from '#contract/process-settings.js';
import { Label, WorkerRole } from '#contract/requires.js';
import { BrokenRule, setting, type Values } from '#contract/settings.js';
import {
  dockerHost,
  flag,
  listOf,
  oneOf,
  port,
  text,
  wholeNumber,
} from '#contract/setting-types.js';
import { TELEMETRY_SETTINGS } from '#telemetry/settings.js';
import { REGISTRY_SETTINGS } from './engine/registry-settings.js';
import { HOST_RECORDERS } from './host/capabilities.js';
import { parseCpuList } from './host/cpuset.js';
import { CHANGEABLE_KNOBS } from './host/preflight.js';

/** Settings of the worker process. */
export const WORKER_SETTINGS = {
  ...PROCESS_SETTINGS,
  ...TELEMETRY_SETTINGS,
  QIBENCH_WORKER: setting(
    'its name; a worker that starts under an existing name takes over its leases',
    text,
    null,
    "the host's name",
  ),
  QIBENCH_ROLE: setting(
    '`both`, `build` or `measure` ([docs/scale.md](scale.md))',
    oneOf(WorkerRole.options),
    'both',
    '`both`',
  ),
  QIBENCH_LABELS: setting(
    'comma-separated labels that jobs may require',
    listOf(
      (label) => Label.safeParse(label).success,
      'is not a label: lower-case letters, digits and . _ -',
    ),
    [],
    'none',
  ),
  ...SOURCE_SETTINGS,
  ...REGISTRY_SETTINGS,
  QIBENCH_METRICS_PORT: setting(
    'port of `/metrics`, `/live` and `/ready`; 0: any free port, which the log names',
    port,
    null,
    'unset: not served',
  ),
  QIBENCH_METRICS_HOST: setting('listen address for that port', text, '127.0.0.1', '`127.0.0.1`'),
  QIBENCH_RUNTIME: setting(
    "container runtime, by its name in Docker's configuration",
    text,
    null,
    "Docker's default",
  ),
  QIBENCH_PERF: setting(
    "1: measured runs may read the processor's counters, so that every run counts host " +
      'instructions; SECURITY.md describes the risk',
    flag,
    false,
    '0',
  ),
  QIBENCH_RECORDERS: setting(
    "parts of the host that measured runs may record with: any of `dtrace,ftrace,syslog`, QEMU's " +
      'backends that need them; SECURITY.md describes the risks',
    listOf(
      (name) => HOST_RECORDERS.some((known) => known === name),
      `is not one of ${HOST_RECORDERS.join(', ')}`,
    ),
    [],
    'none',
  ),
  QIBENCH_CPUSET: setting(
    'CPUs to measure on, like `1-3,5`',
    (value) =>
      parseCpuList(value) === null ? new BrokenRule('is not a list of CPUs like 1-3,5') : value,
    null,
    'ARCHITECTURE.md, The host',
  ),
  QIBENCH_TUNE: setting(
    'knobs that the worker may set: any of `governor,turbo,smt,thp,priority` (ARCHITECTURE.md, The host)',
    listOf(
      (name) => CHANGEABLE_KNOBS.includes(name),
      `is not one of ${CHANGEABLE_KNOBS.join(', ')}`,
    ),
    [],
    'none',
  ),
  QIBENCH_LOCK_DIR: setting(
    "folder of the host's lock, the same for all workers of a host and closed to other users",
    text,
    null,
    '`/run/lock/qibench`, else `qibench` among the temporary files; its user alone can open it',
  ),
  QIBENCH_DISK_BUDGET_BYTES: setting(
    "disk budget for qibench's images on the host. Above it, the worker removes the least recently " +
      'used images while the host is not measuring; 0: no limit',
    wholeNumber(),
    0,
  ),
  QIBENCH_DISK_FREE_MIN_BYTES: setting(
    "free bytes on Docker's disk that the worker requires before it takes a job",
    wholeNumber(),
    1024 ** 3,
    '1 GiB',
  ),
  QIBENCH_JOB_LIMIT_SECONDS: setting(
    'time limit of a job in seconds, from its first claim',
    wholeNumber(1),
    12 * 3_600,
    '12 h',
  ),
  QIBENCH_TRACE_MAX_BYTES: setting(
    'stored bytes per trace file',
    wholeNumber(),
    4 * 1024 ** 3,
    '4 GiB',
  ),
  DOCKER_HOST: setting(
    'Docker engine: `unix:///SOCKET` or `tcp://HOST:PORT`, with `DOCKER_TLS_VERIFY` and ' +
      "`DOCKER_CERT_PATH` as for Docker's own client",
    dockerHost,
    null,
    '`unix:///var/run/docker.sock`',
  ),
};

export type WorkerSettings = Values<typeof WORKER_SETTINGS>;

/** Returns a worker's role and its labels in order. */
export function roleAndLabels(settings: WorkerSettings): { role: WorkerRole; labels: string[] } {
  return { role: settings.QIBENCH_ROLE, labels: [...settings.QIBENCH_LABELS].sort() };
}
