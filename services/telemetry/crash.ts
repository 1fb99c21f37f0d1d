import { QibenchError } from '../contract/error.js';
import type { Log } from './log.js';

/**
 * What ends the process unforeseen is the last line of its log, as any other. A setting that is wrong is the
 * operator's to put right: its message says all, without a stack.
 *
 * @param log that of the process; null as long as there is none
 */
export function endOnCrash(log: () => Log | null): void {
  process.once('uncaughtException', (error) => {
    if (error instanceof QibenchError && error.code === 'BAD_SETTING') console.error(error.message);
    else if (log() === null) console.error(error);
    else log()!.fatal({ err: error }, 'the process ends');
    process.exit(1);
  });
}
