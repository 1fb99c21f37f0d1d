// SPDX-License-Identifier: GPL-2.0-or-later
import type { KnobReport } from '#contract/host.js';
import { openRunner } from '../measure/runner.js';
import type { StepContext } from '../step-context.js';

/**
 * SCHED_FIFO priority of measured runs: above the other real-time tasks of an idle host, below the
 * kernel's own threads.
 */
export const FIFO_PRIORITY = 10;

/** Recommendation for a dedicated host: a run then keeps its CPU against all other programs. */
const WANTED = 'better: SCHED_FIFO, where jobs come from people you trust';
const TRY_LIMIT_MS = 10_000;

/**
 * Tests whether measured runs can use SCHED_FIFO, by running a program that requests it.
 *
 * @param wanted Priority that the operator allows; null: not allowed.
 * @param image Image of the runner.
 * @returns The knob for the fingerprint, and the priority to run with.
 */
export async function tryPriority(
  context: StepContext,
  wanted: number | null,
  image: string,
): Promise<{ readonly knob: KnobReport; readonly fifoPriority: number | null }> {
  const skipped = (reason: string) => ({
    knob: {
      name: 'priority' as const,
      value: 'normal',
      status: 'skipped' as const,
      reason: `${reason}; ${WANTED}`,
    },
    fifoPriority: null,
  });
  if (wanted === null) return skipped('QIBENCH_TUNE does not name it');
  try {
    await using runner = await openRunner(context, { image, realTimePriority: wanted });
    const { result } = await runner.run({
      command: ['true'],
      environment: { PATH: '/usr/bin:/bin' },
      timeoutMs: TRY_LIMIT_MS,
      outputLimitBytes: 1_024,
      cpu: null,
      stackBytes: null,
      fifoPriority: wanted,
    });
    if (result.error !== null) return skipped(result.error);
  } catch (error) {
    context.signal.throwIfAborted();
    return skipped(error instanceof Error ? error.message : String(error));
  }
  return {
    knob: { name: 'priority', value: 'fifo', status: 'set', reason: null },
    fifoPriority: wanted,
  };
}
