// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorEntry } from './entry.js';

/** Errors of the service's settings, Docker and stores, and of qibench itself. */
export const SERVICE_ERRORS = {
  BAD_SETTING: { kind: 'infra', http: 503, retry: false, text: '{setting}: {reason}' },
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
  UNAVAILABLE: { kind: 'infra', http: 503, retry: true, text: '{what} is not available: {reason}' },
  COMPUTATION_LIMIT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'the computation took longer than {limitSeconds} s and was stopped; request less at once',
  },
  INTERNAL: { kind: 'bug', http: 500, retry: false, text: 'unexpected failure: {reason}' },
} as const satisfies Record<string, ErrorEntry>;
