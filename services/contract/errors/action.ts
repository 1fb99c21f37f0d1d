// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorEntry } from './entry.js';

/** Errors of the GitHub Action and of webhooks. */
export const ACTION_ERRORS = {
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
  BAD_WEBHOOK: { kind: 'user', http: 401, retry: false, text: 'the webhook is refused: {reason}' },
  GITHUB_REFUSED: {
    kind: 'infra',
    http: 502,
    retry: false,
    text: 'GitHub refused {what}: {reason}',
  },
} as const satisfies Record<string, ErrorEntry>;
