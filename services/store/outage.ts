// SPDX-License-Identifier: GPL-2.0-or-later
import { firstFailure, QibenchError } from '#contract/error.js';

/**
 * Error codes of a database that is unreachable, shutting down, or out of resources. Sources:
 * PostgreSQL "Error Codes", classes 08, 53, 57P, 58; Prisma "Error reference"; Node's names of
 * system errors.
 */
const OUTAGE =
  /^(08\w{3}|53\w{3}|57P\w{2}|58\w{3}|25P03|P1001|P1002|P1008|P1017|P2024|P2028|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
/** Messages of errors for which pg has no code. */
const SENTENCES =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Client was closed and is not queryable|in recovery mode|the database system is/;
const DEPTH = 8;

/**
 * Converts an error caused by a Postgres outage to UNAVAILABLE, which is retried. Returns any other
 * error unchanged.
 */
export function toUnavailable(thrown: unknown): unknown {
  const error = firstFailure(thrown);
  if (error instanceof QibenchError || !isOutage(error, DEPTH)) return error;
  const reason = error instanceof Error ? error.message.trim().split('\n').at(-1)! : String(error);
  return new QibenchError('UNAVAILABLE', { what: 'Postgres', reason }, { cause: error });
}

/** Searches causes and metadata too, because drivers wrap the original error. */
function isOutage(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  const { code, originalCode, message } = error as {
    code?: unknown;
    originalCode?: unknown;
    message?: unknown;
  };
  if ([code, originalCode].some((value) => typeof value === 'string' && OUTAGE.test(value)))
    return true;
  if (typeof message === 'string' && SENTENCES.test(message)) return true;
  const { cause, meta, driverAdapterError, errors } = error as Record<string, unknown>;
  return [cause, meta, driverAdapterError, ...(Array.isArray(errors) ? errors : [])].some((inner) =>
    isOutage(inner, depth - 1),
  );
}
