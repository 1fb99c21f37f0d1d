// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';

/** Returns the HTTP status code of the daemon's answer; undefined if the daemon did not answer. */
export function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error
    ? (error.statusCode as number | undefined)
    : undefined;
}

/** Converts an error of the Docker client to a catalogue error. */
export function dockerError(operation: string, error: unknown): QibenchError {
  if (error instanceof QibenchError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (statusOf(error) === undefined)
    return new QibenchError(
      'DOCKER_UNREACHABLE',
      { reason: `${operation}: ${reason}` },
      { cause: error },
    );
  return new QibenchError('DOCKER_FAILED', { operation, reason }, { cause: error });
}

/**
 * Runs a clean-up call. "Gone already" (404), "not running" (409) and "no change" (304) count as
 * success.
 */
export async function ignoreGone(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const status = statusOf(error);
    if (status !== 404 && status !== 409 && status !== 304) throw error;
  }
}
