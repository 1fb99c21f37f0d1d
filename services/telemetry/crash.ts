import type { Log } from './log.js';

/** What ends the process unforeseen is the last line of its log, as any other. */
export function logCrash(log: Log): void {
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'the process ends');
    process.exit(1);
  });
}
