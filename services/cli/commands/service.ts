// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import type { Context } from '../context.js';

/**
 * Adds the commands `demo` and `up`, which start the service on this machine, and the help of
 * `test`, which the entry script runs itself.
 */
export function serviceCommands(program: Command, context: Context): void {
  const { rootDir, json, environment } = context;
  context.local(
    program
      .command('demo')
      .description('set up this machine, run the example job on real QEMU and show the table')
      .option('--exit', 'stop the service afterwards, also on a terminal', !process.stdout.isTTY)
      .action(async ({ exit }: { exit: boolean }) => {
        const { demo } = await import('../demo.js');
        process.exit(await demo(rootDir, environment, { exit, json: json() }));
      }),
  );

  context.local(
    program
      .command('up')
      .description('run the whole service on this machine, until Ctrl-C')
      .action(async () => {
        const { aborted, interruption, Interrupted } = await import('../interrupt.js');
        const signal = interruption();
        const { startService } = await import('../up.js');
        const say = (line: string) => process.stderr.write(`${line}\n`);
        try {
          const service = await startService(rootDir, environment, say, signal);
          await aborted(signal);
          await service.stop();
        } catch (error) {
          if (!(error instanceof Interrupted)) throw error;
        }
        process.exit(0); // a connection that is still being made must not delay the end
      }),
  );

  program.command('test [lanes...]').description('run lint and all tests, or the named lanes');
}
