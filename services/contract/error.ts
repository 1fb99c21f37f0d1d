// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ACCESS_ERRORS } from './errors/access.js';
import { ACTION_ERRORS } from './errors/action.js';
import { BUILD_ERRORS } from './errors/build.js';
import { COMMAND_ERRORS } from './errors/command.js';
import { ErrorKind } from './errors/entry.js';
import { JOB_ERRORS } from './errors/job.js';
import { REQUEST_ERRORS } from './errors/request.js';
import { SERVICE_ERRORS } from './errors/service.js';

export { ErrorKind };

/** Every error that qibench reports. docs/errors.md lists the same errors; a test compares them. */
export const ERRORS = {
  ...REQUEST_ERRORS,
  ...ACCESS_ERRORS,
  ...BUILD_ERRORS,
  ...JOB_ERRORS,
  ...COMMAND_ERRORS,
  ...ACTION_ERRORS,
  ...SERVICE_ERRORS,
};

export type ErrorCode = keyof typeof ERRORS;

/** One broken rule of a request, or one line of a compiler's errors. */
export const ErrorDetail = z.object({
  path: z.string().describe('field of the request, or file:line of the source'),
  message: z.string(),
});
export type ErrorDetail = z.infer<typeof ErrorDetail>;

/** Body of every error response. */
export const ErrorBody = z.object({
  code: z.string(),
  kind: ErrorKind,
  message: z.string(),
  details: z.array(ErrorDetail),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

const MESSAGE_CHARACTERS = 4_000;

/** Makes untrusted text safe to store: replaces NUL and lone surrogates, and truncates. */
function storableText(text: string): string {
  const end = text.length > MESSAGE_CHARACTERS ? '…' : '';
  return (text.slice(0, MESSAGE_CHARACTERS) + end).replaceAll('\0', '\u{fffd}').toWellFormed();
}

/**
 * The only error class that qibench throws deliberately. Its message is the catalogue's text with
 * the values filled in.
 */
export class QibenchError extends Error {
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];

  constructor(
    code: ErrorCode,
    values: Record<string, string | number> = {},
    options: { details?: readonly ErrorDetail[]; cause?: unknown } = {},
  ) {
    super(
      storableText(
        ERRORS[code].text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '')),
      ),
      { cause: options.cause },
    );
    this.name = 'QibenchError';
    this.code = code;
    this.details = (options.details ?? []).map(({ path, message }) => ({
      path: storableText(path),
      message: storableText(message),
    }));
  }

  /** Restores the error from its body. */
  static from({ code, message, details }: ErrorBody): QibenchError {
    const error = new QibenchError(code as ErrorCode, {}, { details });
    error.message = message;
    return error;
  }

  get kind(): ErrorKind {
    return ERRORS[this.code].kind;
  }

  get http(): number {
    return ERRORS[this.code].http;
  }

  get retry(): boolean {
    return ERRORS[this.code].retry;
  }

  toBody(): ErrorBody {
    return { code: this.code, kind: this.kind, message: this.message, details: [...this.details] };
  }
}

/**
 * Returns the failure that ended a block. `await using` wraps it in a SuppressedError if releasing
 * a resource then fails too, as all resources do when Docker restarts.
 */
export function firstFailure(error: unknown): unknown {
  let first = error;
  while (first instanceof Error && first.name === 'SuppressedError' && 'suppressed' in first)
    first = first.suppressed;
  return first;
}

/** Converts any thrown value to a catalogue error; an unexpected one counts as a bug of qibench. */
export function asQibenchError(thrown: unknown): QibenchError {
  const error = firstFailure(thrown);
  if (error instanceof QibenchError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new QibenchError('INTERNAL', { reason }, { cause: error });
}
