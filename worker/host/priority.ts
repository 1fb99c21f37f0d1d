import type { KnobReport } from '../../services/contract/host.js';
import { openRunner } from '../measure/runner.js';
import type { StepContext } from '../step-context.js';

/** Priority of measured runs under SCHED_FIFO: above what an idle system runs there, below its own threads. */
export const FIFO_PRIORITY = 10;

/** What is wanted for a host alone with its jobs: a run then has its CPU whatever else wants it. */
const WANTED = 'better: SCHED_FIFO, where jobs come from people you trust';
const TRY_LIMIT_MS = 10_000;

/**
 * Whether measured runs have SCHED_FIFO, found out by running a program that asks for it.
 *
 * @param wanted priority that the operator allows; null: none
 * @param image of the runner
 * @returns the knob as fingerprints keep it, and the priority to run with
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
