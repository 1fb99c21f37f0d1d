import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Capability } from '../../services/contract/worker.js';
import { readText } from './knobs/knob.js';

/** Least value of perf_event_paranoid at which the kernel keeps an ordinary process from counting its own instructions. */
const PARANOID_REFUSES = 3;

/**
 * What this machine has that not all have.
 *
 * `perf` says that there are counters, that the kernel lends them, and that this worker lets measured runs have them.
 * Whether a run was counted, its sample says.
 *
 * @param lendsPerf QIBENCH_PERF: Docker's default seccomp profile keeps counters from containers
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
        ? 'there is no /dev/kvm'
        : `/dev/kvm may not be opened (${refused})`;
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
