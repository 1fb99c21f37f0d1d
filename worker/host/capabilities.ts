// SPDX-License-Identifier: GPL-2.0-or-later
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Capability } from '#contract/worker.js';
import { RUN_USER_ID } from '../step-context.js';
import { readText } from './knobs/knob.js';

/** From this value of perf_event_paranoid on, a process without privileges cannot use counters. */
const PARANOID_REFUSES = 3;

/** Folders and files of a host that runs with a backend write to. */
export const HOST_PATHS = {
  tracefs: '/sys/kernel/tracing',
  systemLog: '/dev/log',
} as const;

/** Backends of QEMU that record with a part of the host. */
export const HOST_RECORDERS = ['dtrace', 'ftrace', 'syslog'] as const;

/** What the operator opens to measured runs. */
export interface Lent {
  /** QIBENCH_PERF is 1. Docker's default seccomp profile hides counters from containers. */
  readonly perf: boolean;
  /** QIBENCH_RECORDERS. */
  readonly recorders: readonly string[];
}

/**
 * Detects the optional capabilities of this host.
 *
 * `perf` is available if the processor has counters, the kernel allows their use, and this worker
 * opens them to measured runs. A sample shows whether its run was counted. The backends that record
 * with a part of the host follow the same rule.
 */
export async function capabilities({ perf, recorders }: Lent, root = '/'): Promise<Capability[]> {
  const missing = {
    dtrace: await withoutUprobes(root),
    ftrace: await withoutTracefs(root),
    syslog: await withoutSystemLog(root),
  };
  return [
    await kvm(root),
    await counters(root, perf),
    ...HOST_RECORDERS.map((name) => {
      const closed = recorders.includes(name) ? null : `QIBENCH_RECORDERS does not name ${name}`;
      const reason = missing[name] ?? closed;
      return { name, available: reason === null, reason };
    }),
  ];
}

async function kvm(root: string): Promise<Capability> {
  const refused = await access(join(root, 'dev/kvm'), constants.R_OK | constants.W_OK).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  );
  const reason =
    refused === null
      ? null
      : refused === 'ENOENT'
        ? '/dev/kvm is missing'
        : `/dev/kvm cannot be opened (${refused})`;
  return { name: 'kvm', available: reason === null, reason };
}

async function counters(root: string, lendsPerf: boolean): Promise<Capability> {
  const missing = await access(join(root, 'sys/bus/event_source/devices/cpu')).then(
    () => null,
    () => 'the processor shows no counters, as in most virtual machines',
  );
  const paranoid = Number((await readText(root, 'proc/sys/kernel/perf_event_paranoid')) ?? 'NaN');
  const refused = Number.isNaN(paranoid)
    ? 'the kernel has no perf events'
    : paranoid >= PARANOID_REFUSES
      ? `kernel.perf_event_paranoid is ${paranoid}`
      : null;
  const reason =
    missing ??
    refused ??
    (lendsPerf ? null : 'QIBENCH_PERF is not 1, so containers may not read them');
  return { name: 'perf', available: reason === null, reason };
}

/** Returns why a tracer cannot attach to the probes of a program; null: it can. */
async function withoutUprobes(root: string): Promise<string | null> {
  return access(join(root, 'sys/bus/event_source/devices/uprobe')).then(
    () => null,
    () => 'the kernel has no uprobes',
  );
}

/** Returns why a run cannot write to the kernel's trace; null: it can. */
async function withoutTracefs(root: string): Promise<string | null> {
  const { tracefs } = HOST_PATHS;
  const mode = await modeForRuns(join(root, tracefs));
  if (mode === null) return `${tracefs} is missing`;
  for (const name of ['tracing_on', 'trace_marker']) {
    const file = await modeForRuns(join(root, tracefs, name));
    if (file === null) return `no tracefs is mounted at ${tracefs}`;
    if ((mode & EXECUTE) === 0 || (file & WRITE) === 0)
      return `user ${RUN_USER_ID} of runs cannot write to ${tracefs}/${name}`;
  }
  return null;
}

/** Returns why a run cannot write to the system log; null: it can. */
async function withoutSystemLog(root: string): Promise<string | null> {
  const { systemLog } = HOST_PATHS;
  const mode = await modeForRuns(join(root, systemLog));
  if (mode === null) return `${systemLog} is missing`;
  return (mode & WRITE) === 0 ? `user ${RUN_USER_ID} of runs cannot write to ${systemLog}` : null;
}

const WRITE = 2;
const EXECUTE = 1;

/** Returns the rights of measured runs on a file as three bits; null: it is missing. */
async function modeForRuns(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  const shift = found.uid === RUN_USER_ID ? 6 : found.gid === RUN_USER_ID ? 3 : 0;
  return (found.mode >> shift) & 7;
}
