// SPDX-License-Identifier: GPL-2.0-or-later
import { fileURLToPath } from 'node:url';
import { printable } from '#client/printable.js';
import { QibenchError } from '#contract/error.js';
import { ServiceError } from './client.js';
import { buildProgram } from './program.js';

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
    const [first, ...others] = details;
    const repeats = first !== undefined && others.length === 0 && message.includes(first.message);
    for (const detail of repeats ? [] : details)
      process.stderr.write(`  ${printable(detail.path)}: ${printable(detail.message)}\n`);
  }
  process.exitCode = error.kind === 'user' ? 1 : 2;
}
