import { dockerError } from './docker-errors.js';

/** A daemon that does not answer a small request within this is unreachable: the client library alone would wait for ever. */
const REQUEST_LIMIT_MS = 60_000;

/** A request to the engine that always settles. Errors: DOCKER_UNREACHABLE, DOCKER_FAILED, with the client library's own as cause. */
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
