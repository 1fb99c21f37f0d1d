// SPDX-License-Identifier: GPL-2.0-or-later
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Capability } from '#contract/worker.js';
import { readText } from './knobs/knob.js';

/** From this value of perf_event_paranoid on, a process without privileges cannot use counters. */
const PARANOID_REFUSES = 3;

/**
 * Detects the optional capabilities of this host.
 *
 * `perf` is available if the processor has counters, the kernel allows their use, and this worker
 * opens them to measured runs. A sample shows whether its run was counted.
 *
 * @param lendsPerf QIBENCH_PERF is 1. Docker's default seccomp profile hides counters from
 *   containers.
 */
export async function capabilities(lendsPerf: boolean, root = '/'): Promise<Capability[]> {
  return [await kvm(root), await perf(root, lendsPerf)];
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

async function perf(root: string, lendsPerf: boolean): Promise<Capability> {
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
