// SPDX-License-Identifier: GPL-2.0-or-later
import { fileURLToPath } from 'node:url';
import { printable } from '#client/printable.js';
import { QibenchError } from '#contract/error.js';
import { ServiceError } from './client.js';
import { buildProgram } from './program.js';

/** Returns whether a message has a detail already; a lone detail may be quoted without its path. */
const says = (
  message: string,
  { path, message: rule }: { readonly path: string; readonly message: string },
  lone: boolean,
): boolean => message.includes(lone ? rule : `${path}: ${rule}`);

const { program, context } = buildProgram(
  process.env.QIBENCH_ROOT ?? fileURLToPath(new URL('../../..', import.meta.url)),
);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ServiceError) && !(error instanceof QibenchError)) throw error;
  const { code, kind, message, details } = error;
  if (context.json())
    process.stderr.write(`${JSON.stringify({ error: { code, kind, message, details } })}\n`);
  else {
    process.stderr.write(`${printable(message)}\n`);
    // The message has the first rules that are broken.
    for (const detail of details.filter((one) => !says(message, one, details.length === 1)))
      process.stderr.write(`  ${printable(detail.path)}: ${printable(detail.message)}\n`);
  }
  process.exitCode = error.kind === 'user' ? 1 : 2;
}
