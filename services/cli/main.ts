// SPDX-License-Identifier: GPL-2.0-or-later
import { CommanderError } from 'commander';
import { fileURLToPath } from 'node:url';
import { printable, printableJson } from '#client/printable.js';
import { knownError } from './known-error.js';
import { buildProgram } from './program.js';

/** Status of a command whose reader has closed the pipe, as of one that SIGPIPE ends. */
const CLOSED_PIPE = 141;

/** Returns whether a message has a detail already; a lone detail may be quoted without its path. */
const says = (
  message: string,
  { path, message: rule }: { readonly path: string; readonly message: string },
  lone: boolean,
): boolean => message.includes(lone ? rule : `${path}: ${rule}`);

/** Prints an error as the options say, and sets the exit status. */
function report(error: unknown): void {
  // Help is an error of the library, too. It has been printed.
  if (error instanceof CommanderError && /^commander\.(help|version)/.test(error.code)) {
    process.exitCode = error.exitCode;
    return;
  }
  const known = knownError(error);
  const { code, kind, message, details } = known;
  // An error of the command line comes before its options are known.
  if (process.argv.includes('--json'))
    process.stderr.write(`${printableJson({ error: { code, kind, message, details } })}\n`);
  else {
    process.stderr.write(`${printable(message)}\n`);
    // The message has the first rules that are broken.
    for (const detail of details.filter((one) => !says(message, one, details.length === 1)))
      process.stderr.write(`  ${printable(detail.path)}: ${printable(detail.message)}\n`);
    if (kind === 'bug' && error instanceof Error)
      process.stderr.write(`${printable(error.stack ?? '')}\n`);
  }
  process.exitCode = kind === 'user' ? 1 : 2;
}

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(CLOSED_PIPE);
    report(Object.assign(error, { path: 'the output' }));
    process.exit();
  });
process.on('uncaughtException', (error) => {
  report(error);
  process.exit();
});

try {
  const root = process.env.QIBENCH_ROOT || fileURLToPath(new URL('../../..', import.meta.url));
  await buildProgram(root, process.env).program.parseAsync();
} catch (error) {
  report(error);
}
