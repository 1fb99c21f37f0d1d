// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { CapabilityName } from '#contract/requires.js';
import {
  recordsByBackend,
  variantObjectOf,
  type Variant,
  type VariantRequest,
} from '#contract/variant.js';
import type { Worker } from '#contract/worker.js';

/**
 * Returns the capability of the host that runs of a variant need; null: none. QEMU with `ftrace` does
 * not start without the host's tracefs, even if it records nothing.
 */
export function capabilityOf(
  variant: Pick<Variant, 'mode' | 'backend' | 'record'>,
): CapabilityName | null {
  const { backend } = variant;
  if (backend === 'ftrace') return backend;
  if (backend !== 'dtrace' && backend !== 'syslog') return null;
  return recordsByBackend(variant) ? backend : null;
}

/** Returns the capabilities that the runs of a job need, each once. */
export function capabilitiesOf(
  variants: readonly Pick<Variant, 'mode' | 'backend' | 'record'>[],
): CapabilityName[] {
  return [...new Set(variants.flatMap((variant) => capabilityOf(variant) ?? []))];
}

/**
 * Checks that a worker which measures has what the variants need of the host. Without such a worker
 * a job waits, as for every other requirement.
 *
 * @throws {RECORDING_REFUSED} All running workers lack it.
 */
export function checkRecording(
  variants: readonly VariantRequest[],
  workers: readonly Pick<Worker, 'role' | 'lost' | 'capabilities'>[],
): void {
  const measuring = workers.filter(({ role, lost }) => role !== 'build' && !lost);
  for (const [index, written] of variants.entries()) {
    const backend = capabilityOf(needsOf(written));
    if (backend === null || measuring.length === 0) continue;
    const found = measuring.map(({ capabilities }) =>
      capabilities.find(({ name }) => name === backend),
    );
    if (found.some((capability) => capability?.available === true)) continue;
    const reasons = found.map((capability) => capability?.reason ?? 'its version lacks it');
    const reason = [...new Set(reasons)].join('; ');
    const field = `variants.${index}.backend`;
    throw new QibenchError(
      'RECORDING_REFUSED',
      { field, backend, reason },
      { details: [{ path: field, message: `no worker can run it: ${reason}` }] },
    );
  }
}

function needsOf(written: VariantRequest): Pick<Variant, 'mode' | 'backend' | 'record'> {
  const { mode, backend = null, record } = variantObjectOf(written);
  return record === undefined ? { mode, backend } : { mode, backend, record };
}
