// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { Log } from './log.js';

/**
 * Logs an uncaught error as the last line of the log and exits. For a wrong setting it prints only
 * the message, without a stack, because the operator has to correct it; before the log is open, as
 * text.
 *
 * @param log Returns the log of the process; null before it is opened.
 */
export function endOnCrash(log: () => Log | null): void {
  process.once('uncaughtException', (error) => {
    const opened = log();
    if (error instanceof QibenchError && error.code === 'BAD_SETTING') {
      if (opened === null) console.error(error.message);
      else opened.fatal({ code: error.code }, error.message);
    } else if (opened === null) console.error(error);
    else opened.fatal({ err: error }, 'process crashed');
    process.exit(1);
  });
}
