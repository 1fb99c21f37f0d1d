// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import type { Context } from '../context.js';

/**
 * Adds the commands `demo` and `up`, which start the service on this machine, and the help of
 * `test`, which the entry script runs itself.
 */
export function serviceCommands(program: Command, { rootDir, json }: Context): void {
  program
    .command('demo')
    .description('set up this machine, run the example job on real QEMU and show the table')
    .option('--exit', 'stop the service afterwards, also on a terminal', !process.stdout.isTTY)
    .action(async ({ exit }: { exit: boolean }) => {
      const { demo } = await import('../demo.js');
      process.exit(await demo(rootDir, { exit, json: json() }));
    });

  program
    .command('up')
    .description('run the whole service on this machine, until Ctrl-C')
    .action(async () => {
      const { startService } = await import('../up.js');
      const service = await startService(rootDir, process.env, (line) =>
        process.stderr.write(`${line}\n`),
      );
      await new Promise<void>((resolve) =>
        ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, () => resolve())),
      );
      await service.stop();
    });

  program.command('test [lanes...]').description('run lint and all tests, or the named lanes');
}
