// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError, type ErrorDetail } from '#contract/error.js';
import { lastLine, type ScriptResult } from './script.js';

/**
 * gcc's `file:line:column: error: text`, and its fatal errors.
 * @see GCC manual, "Formatting of Diagnostics"
 */
const ERROR = /^(.*?):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$/;
/** make's `make: *** [Makefile:7: all] Error 1`. */
const RECIPE = /^make(?:\[\d+\])?: \*\*\* \[(.*?):(\d+): (.*)$/;
/** make's message about a Makefile that it cannot parse. */
const MAKEFILE = /^(\S+):(\d+): \*\*\* (.*)$/;
const UNDEFINED = /undefined reference to [`'](\w+)'/;

/**
 * Extracts the errors that a compiler, the linker or make reported for the user's folder.
 *
 * @param folder Path of the user's files in the container.
 * @returns Errors with paths relative to `folder`; empty if none of them concerns the folder.
 */
export function complaints(lines: readonly string[], folder: string): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  // A failed recipe says less than its cause, and may come first: stdout and stderr are two
  // streams.
  const recipes = lines.filter((line) => RECIPE.test(line));
  for (const line of [...lines.filter((line) => !RECIPE.test(line)), ...recipes]) {
    const error = ERROR.exec(line) ?? RECIPE.exec(line) ?? MAKEFILE.exec(line);
    if (error !== null) {
      const [, file, number, message] = error as unknown as [string, string, string, string];
      const at = file.lastIndexOf(`${folder}/`);
      if (at >= 0 || !file.includes('/'))
        details.push({
          path: `${at >= 0 ? file.slice(at + folder.length + 1) : file}:${number}`,
          message,
        });
      continue;
    }
    const symbol = UNDEFINED.exec(line)?.[1];
    if (
      symbol !== undefined &&
      /^qi_/.test(symbol) &&
      !details.some(({ path }) => path === symbol)
    ) {
      details.push({
        path: symbol,
        message: 'is called by QEMU or by the instrumentation, but not defined',
      });
    }
  }
  return details.slice(0, 50);
}

/**
 * Creates the user's error for code that does not compile.
 * Without details, its reason is the last line of the output.
 */
export function compileFailed(
  what: string,
  details: readonly ErrorDetail[],
  result: ScriptResult,
): QibenchError {
  const first = details[0];
  return new QibenchError(
    'COMPILE_FAILED',
    { what, first: first === undefined ? lastLine(result) : `${first.path}: ${first.message}` },
    { details },
  );
}
