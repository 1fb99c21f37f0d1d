// SPDX-License-Identifier: GPL-2.0-or-later
import { dockerError } from './docker-errors.js';

/**
 * Time limit of a small request. A daemon that exceeds it is unreachable; the client library alone
 * would wait for ever.
 */
const REQUEST_LIMIT_MS = 60_000;

/**
 * Sends a request to the engine; the promise always settles. Errors have the client library's error
 * as cause.
 *
 * @throws {DOCKER_UNREACHABLE} The engine does not answer.
 * @throws {DOCKER_FAILED} The engine refuses the request.
 */
export async function call<T>(
  operation: string,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
  try {
    return await Promise.race([request(signal), rejection(signal)]);
  } catch (error) {
    throw dockerError(operation, error);
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
}
