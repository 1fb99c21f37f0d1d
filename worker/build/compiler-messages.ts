import { QibenchError, type ErrorDetail } from '../../services/contract/error.js';
import { lastLine, type ScriptResult } from './script.js';

/** gcc's `file:line:column: error: text`, also its fatal errors. Source: GCC manual, "Formatting of Diagnostics". */
const ERROR = /^(.*?):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$/;
/** make's `make: *** [Makefile:7: all] Error 1`, and the same for a Makefile that it cannot read. */
const RECIPE = /^make(?:\[\d+\])?: \*\*\* \[(.*?):(\d+): (.*)$/;
const MAKEFILE = /^(\S+):(\d+): \*\*\* (.*)$/;
const UNDEFINED = /undefined reference to [`'](\w+)'/;

/**
 * What a compiler, linker or make complained about in the user's folder.
 * Shape: `folder` is where the files lay in the container; paths come back relative to it. Empty: the fault is elsewhere.
 */
export function complaints(lines: readonly string[], folder: string): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  // That a recipe failed says less than why, and may come first: output and errors are two streams.
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

/** The user's error of code that does not compile; where nothing in it was complained about, the last line says why. */
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
