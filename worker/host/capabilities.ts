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
 * `perf` says that there are counters and the kernel lends them. A container may be refused all the same, as by Docker's
 * default seccomp profile: whether a run was counted, its sample says.
 */
export async function capabilities(root = '/'): Promise<Capability[]> {
  return [await kvm(root), await perf(root)];
}

async function kvm(root: string): Promise<Capability> {
  const refused = await access(join(root, 'dev/kvm'), constants.R_OK | constants.W_OK).then(() => null, (error: NodeJS.ErrnoException) => error.code);
  const reason = refused === null ? null : refused === 'ENOENT' ? 'there is no /dev/kvm' : `/dev/kvm may not be opened (${refused})`;
  return { name: 'kvm', available: reason === null, reason };
}

async function perf(root: string): Promise<Capability> {
  const missing = await access(join(root, 'sys/bus/event_source/devices/cpu')).then(() => null, () => 'the processor shows no counters, as in most virtual machines');
  const paranoid = Number((await readText(root, 'proc/sys/kernel/perf_event_paranoid')) ?? 'NaN');
  const refused = Number.isNaN(paranoid) ? 'the kernel has no perf events' : paranoid >= PARANOID_REFUSES ? `kernel.perf_event_paranoid is ${paranoid}` : null;
  const reason = missing ?? refused;
  return { name: 'perf', available: reason === null, reason };
}
