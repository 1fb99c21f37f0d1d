// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { RunResult } from '#contract/sample.js';

const SHOWN_CHARACTERS = 200;

/**
 * Reads a line of the runner's stdout: one JSON object.
 *
 * @throws {INTERNAL} The line is not a RunResult, because the runner is our own program.
 */
export function parseRunnerResult(line: string): RunResult {
  const shown = line === '' ? 'nothing' : JSON.stringify(line.slice(0, SHOWN_CHARACTERS));
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new QibenchError(
      'INTERNAL',
      { reason: `the runner printed ${shown} instead of a result` },
      { cause },
    );
  }
  const result = RunResult.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new QibenchError('INTERNAL', {
    reason: `the runner's result is wrong in "${issue.path.join('.')}" (${issue.message}): ${shown}`,
  });
}
