// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorEntry } from './entry.js';

/** Errors of a request: its fields, and the objects that it names. */
export const REQUEST_ERRORS = {
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
  IMAGE_NOT_ALLOWED: {
    kind: 'user',
    http: 403,
    retry: false,
    text:
      '{field}: the workload has a Dockerfile, and the operator does not allow it for the project ' +
      '"{project}" (QIBENCH_IMAGE_PROJECTS); send its files, or sources with a Makefile',
  },
  SOURCE_HOST_REFUSED: {
    kind: 'user',
    http: 403,
    retry: false,
    text: '{field}: the operator does not allow sources from {origin} (QIBENCH_SOURCE_HOSTS)',
  },
  UNKNOWN_REVISION: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{field}: the repository {repository} has no {revision}',
  },
  RECORDING_REFUSED: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{field}: no worker can run QEMU\'s backend "{backend}": {reason}',
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
  BAD_CHUNK: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'the chunk is refused: {reason}',
  },
  BAD_WORKLOAD: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'the workload is refused: {reason}',
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
  JOB_ENDED: {
    kind: 'user',
    http: 409,
    retry: false,
    text: 'job {id} has already ended ({state})',
  },
  BAD_IMPORT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'the document does not match the format {format} of docs/formats.md: {path}: {rule}{hint}',
  },
  UNKNOWN_SERIES: {
    kind: 'user',
    http: 404,
    retry: false,
    text: '{what}; known: {known}',
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
  TRACE_EXPIRED: {
    kind: 'user',
    http: 410,
    retry: false,
    text:
      'the records of trace {id} were removed on {at} to free space; ' +
      'its counts are still available',
  },
  TRACE_SUMMARY_EXPIRED: {
    kind: 'user',
    http: 410,
    retry: false,
    text:
      'statistics, histogram and list of events of trace {id} were removed, because traces of its ' +
      'project exceed their share of the disk',
  },
} as const satisfies Record<string, ErrorEntry>;
