// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorEntry } from './entry.js';

/** Errors of a job's runs, limits and worker. */
export const JOB_ERRORS = {
  OVER_LIMIT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{what} reached the limit of {limit} in step {step} and was stopped',
  },
  KILLED_FROM_WITHIN: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'code of the job killed the first process of its container; such a job is not retried',
  },
  RUN_FAILED: {
    kind: 'workload',
    http: 422,
    retry: false,
    text:
      '{workload} under variant {variant} ended with {ending} ' +
      '(expected exit status {expected}); last output: {tail}',
  },
  RECORDER_FAILED: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: 'the events of {workload} under variant {variant} cannot be recorded: {reason}',
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
    text:
      '{workload} under variant {variant} printed {bytes} bytes of {what}, more than {limitBytes}; ' +
      'print fewer of them, or shorter names',
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
  METRIC_REPEATED: {
    kind: 'workload',
    http: 422,
    retry: false,
    text:
      '{workload} under variant {variant} printed the metric {metric} {count} times; it ' +
      'belongs to the workload, so instrumentation and plugins must not print it',
  },
  REGION_MISSING: {
    kind: 'workload',
    http: 422,
    retry: false,
    text:
      '{workload} under variant {variant} did not print the texts that begin and end its region ' +
      '(run.region of its workload.yaml), one after the other',
  },
  BAD_TRACE: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: 'the trace of {workload} under variant {variant} cannot be read: {reason}',
  },
  CANCELLED: { kind: 'user', http: 409, retry: false, text: 'the job was cancelled' },
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
  WORKER_LOST: { kind: 'infra', http: 503, retry: true, text: 'the worker was lost {count} times' },
  LEASE_LOST: {
    kind: 'infra',
    http: 503,
    retry: true,
    text: 'job {id} is no longer leased under epoch {epoch}',
  },
} as const satisfies Record<string, ErrorEntry>;
