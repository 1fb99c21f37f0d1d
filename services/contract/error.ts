import { z } from 'zod';

/**
 * The party that must act: the caller, the author of a workload or instrumentation, the operator,
 * or the developers of qibench.
 */
export const ErrorKind = z.enum(['user', 'workload', 'infra', 'bug']);
export type ErrorKind = z.infer<typeof ErrorKind>;

interface Entry {
  readonly kind: ErrorKind;
  readonly http: number;
  /** Only infrastructure failures are retried. */
  readonly retry: boolean;
  /** `{name}` is replaced by the detail of that name. */
  readonly text: string;
}

/** Every error that qibench reports. docs/errors.md lists the same errors; a test compares them. */
export const ERRORS = {
  INVALID_REQUEST: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'the request breaks {count} rule(s): {summary}',
  },
  UNKNOWN_EVENT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{field}: no event of QEMU {version} matches "{event}"{suggestion}',
  },
  UNKNOWN_QEMU_VERSION: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{field}: QEMU "{version}" is not supported; supported: {supported}',
  },
  UNKNOWN_WORKLOAD: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{field}: no workload "{name}"{suggestion}',
  },
  UNKNOWN_UPLOAD: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{field}: no upload has the digest {digest}; upload the folder first',
  },
  WRONG_UPLOAD: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{field}: the upload {digest} is {actual}, not {expected}',
  },
  UNKNOWN_BASELINE_JOB: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{field}: no job "{id}" to take the baseline from',
  },
  BAD_ARCHIVE: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'the uploaded archive is refused: {reason}',
  },
  TOO_LARGE: {
    kind: 'user',
    http: 413,
    retry: false,
    text: '{what} is larger than {limitBytes} bytes',
  },
  NOT_FOUND: { kind: 'user', http: 404, retry: false, text: 'no {what} "{id}"' },
  IDEMPOTENCY_CONFLICT: {
    kind: 'user',
    http: 409,
    retry: false,
    text: 'Idempotency-Key "{key}" was used before with another request',
  },
  UNAUTHENTICATED: { kind: 'user', http: 401, retry: false, text: 'this needs a token: {reason}' },
  SCOPE_MISSING: {
    kind: 'user',
    http: 403,
    retry: false,
    text: 'this needs a token with the scope {scope}',
  },
  OTHER_PROJECT: {
    kind: 'user',
    http: 403,
    retry: false,
    text: 'the token is valid only for the project "{project}"',
  },
  OTHER_SITE: { kind: 'user', http: 403, retry: false, text: 'refused: {reason}' },
  BAD_ID_TOKEN: {
    kind: 'user',
    http: 401,
    retry: false,
    text: 'the id-token is refused: {reason}',
  },
  NOT_TRUSTED: {
    kind: 'user',
    http: 403,
    retry: false,
    text:
      'repository {repository} (id {repositoryId}) may not submit jobs from {ref} on {event}; ' +
      'an administrator can allow it: qibench trust add',
  },
  RATE_LIMITED: {
    kind: 'user',
    http: 429,
    retry: false,
    text: 'more than {limit} requests within a minute; retry in {seconds} s',
  },
  QUOTA_EXCEEDED: {
    kind: 'user',
    http: 403,
    retry: false,
    text: 'project "{project}" may have {limit} {what}; this request would raise it to {wanted}',
  },
  JOB_ENDED: {
    kind: 'user',
    http: 409,
    retry: false,
    text: 'job {id} has already ended ({state})',
  },
  BAD_JOB_FILE: { kind: 'user', http: 422, retry: false, text: '{file}: {reason}' },
  BAD_IMPORT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'the document does not match the format {format} of docs/formats.md: {path}: {rule}{hint}',
  },
  SERVICE_RUNS: {
    kind: 'user',
    http: 409,
    retry: false,
    text:
      'a service with the data folder {dataDir} is already running (process {pid}); ' +
      'stop it, or set QIBENCH_HOME to another folder',
  },
  UNKNOWN_METRIC: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'this job has no comparable metric "{metric}"; comparable: {known}',
  },
  MIXED_HOSTS: {
    kind: 'user',
    http: 409,
    retry: false,
    text:
      'the samples come from {count} different hosts or host states ({fingerprints}) ' +
      'and are not comparable; set mixedHosts=true to compare them anyway',
  },
  CANCELLED: { kind: 'user', http: 409, retry: false, text: 'the job was cancelled' },
  COMPILE_FAILED: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{what} does not compile: {first}',
  },
  OVER_LIMIT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{what} reached the limit of {limit} in step {step} and was stopped',
  },
  INSTRUMENTATION_MISSING_OUTPUT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: "the instrumentation's Makefile did not create {file}",
  },
  PLUGIN_MISSING_OUTPUT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: "the Makefile of variant {variant}'s plugin did not create {file}",
  },
  RUN_FAILED: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: '{workload} under variant {variant} ended with {ending} (expected exit status {expected}); last output: {tail}',
  },
  RUN_TIMED_OUT: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: '{workload} under variant {variant} was stopped at its limit of {limitSeconds} s',
  },
  RUN_OUT_OF_MEMORY: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: '{workload} under variant {variant} used more than its memory limit of {limitBytes} bytes',
  },
  TOO_MANY_METRICS: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: '{workload} under variant {variant} printed more than {limit} metrics or events',
  },
  INSTRUCTIONS_NOT_COUNTED: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'a threshold names hostInstructions, but they cannot be counted: {reason}',
  },
  METRIC_MISSING: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: '{workload} under variant {variant} did not print the metric {metric}',
  },
  WORKLOAD_BUILD_FAILED: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: 'workload {workload} did not build: {lastLine}',
  },
  BAD_TRACE: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: 'the trace of {workload} under variant {variant} cannot be read: {reason}',
  },
  TRACE_EXPIRED: {
    kind: 'user',
    http: 410,
    retry: false,
    text:
      'the records of trace {id} were removed on {at} to free space; ' +
      'its counts, statistics and histogram are still available',
  },
  QEMU_BUILD_FAILED: {
    kind: 'bug',
    http: 500,
    retry: false,
    text: 'QEMU {version} did not build ({step}): {lastLine}',
  },
  SOURCE_UNAVAILABLE: {
    kind: 'infra',
    http: 503,
    retry: true,
    text: 'the source of QEMU {version} could not be fetched: {reason}',
  },
  SOURCE_DIGEST_MISMATCH: {
    kind: 'infra',
    http: 502,
    retry: false,
    text: 'the source {name} has digest {actual}, versions.json says {expected}',
  },
  PATCH_FAILED: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'patch {patch} does not apply to QEMU {version}: {reason}',
  },
  PATCH_CONFLICT: {
    kind: 'user',
    http: 422,
    retry: false,
    text:
      'patch {patch} changes {files}, which {own} of qibench changes too, ' +
      'and the two conflict: {reason}',
  },
  OWN_PATCH_FAILED: {
    kind: 'bug',
    http: 500,
    retry: false,
    text: 'patch {patch} of qibench does not apply to {source}: {reason}',
  },
  TRIAL_FAILED: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'job {id} of "{candidate}" is {state}: {reason}',
  },
  BAD_INPUT: { kind: 'user', http: 422, retry: false, text: 'input {input}: {reason}' },
  NO_COMMIT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{what} is not in this checkout: {reason}',
  },
  NOT_REVIEWED: {
    kind: 'user',
    http: 403,
    retry: false,
    text: 'pull request {number} is not measured: {reason}',
  },
  BAD_WEBHOOK: { kind: 'user', http: 401, retry: false, text: 'the webhook is refused: {reason}' },
  GITHUB_REFUSED: {
    kind: 'infra',
    http: 502,
    retry: false,
    text: 'GitHub refused {what}: {reason}',
  },
  BAD_PACK: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{file} is not a valid pack of a pull request: {reason}',
  },
  NOT_IN_TIME: {
    kind: 'infra',
    http: 504,
    retry: false,
    text: 'job {id} did not end within {limitMinutes} min and was cancelled',
  },
  BAD_BUNDLE: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{file} is not a valid bundle of a job: {reason}',
  },
  BAD_BACKUP: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{file} is not a backup that can be restored: {reason}',
  },
  DATABASE_NOT_EMPTY: {
    kind: 'user',
    http: 409,
    retry: false,
    text: 'a backup can only be restored into an empty database: {what}',
  },
  IMAGE_BUILD_FAILED: {
    kind: 'infra',
    http: 503,
    retry: true,
    text: 'image {image} did not build: {lastLine}',
  },
  DOCKER_UNREACHABLE: {
    kind: 'infra',
    http: 503,
    retry: true,
    text: 'Docker did not answer: {reason}',
  },
  DOCKER_FAILED: {
    kind: 'infra',
    http: 502,
    retry: true,
    text: 'Docker refused {operation}: {reason}',
  },
  JOB_TIMED_OUT: {
    kind: 'user',
    http: 422,
    retry: false,
    text:
      'the job did not end within its limit of {limitSeconds} s; request fewer blocks, ' +
      'variants or workloads, or have the operator raise QIBENCH_JOB_LIMIT_SECONDS',
  },
  STEP_TIMED_OUT: {
    kind: 'infra',
    http: 504,
    retry: true,
    text: '{step} did not end within {limitSeconds} s',
  },
  BAD_SETTING: { kind: 'infra', http: 503, retry: false, text: '{setting}: {reason}' },
  WORKER_LOST: { kind: 'infra', http: 503, retry: true, text: 'the worker was lost {count} times' },
  LEASE_LOST: {
    kind: 'infra',
    http: 503,
    retry: true,
    text: 'job {id} is no longer leased under epoch {epoch}',
  },
  UNAVAILABLE: { kind: 'infra', http: 503, retry: true, text: '{what} is not available: {reason}' },
  INTERNAL: { kind: 'bug', http: 500, retry: false, text: 'unexpected failure: {reason}' },
} as const satisfies Record<string, Entry>;

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

/** Converts any thrown value to a catalogue error; an unexpected one counts as a bug of qibench. */
export function asQibenchError(error: unknown): QibenchError {
  if (error instanceof QibenchError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new QibenchError('INTERNAL', { reason }, { cause: error });
}
