// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorEntry } from './entry.js';

/** Errors of authentication, scopes, trust and quotas. */
export const ACCESS_ERRORS = {
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
} as const satisfies Record<string, ErrorEntry>;
