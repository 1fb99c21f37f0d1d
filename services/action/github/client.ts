// SPDX-License-Identifier: GPL-2.0-or-later
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';

const WAIT_LONGEST_SECONDS = 120;
const ATTEMPTS = 3;
const ANSWER_LIMIT_MS = 30_000;

interface Repository {
  readonly owner: string;
  readonly repo: string;
}

/**
 * Client of GitHub's REST API for one repository. Waits up to WAIT_LONGEST_SECONDS for a rate limit
 * and retries transient errors.
 */
export interface GitHub {
  readonly rest: Octokit['rest'];
  readonly paginate: Octokit['paginate'];
  readonly at: Repository;
}

export function openGitHub(options: {
  readonly token: string;
  readonly apiUrl: string;
  readonly repository: string;
  readonly note: (text: string) => void;
}): GitHub {
  const waits = (kind: string) => (seconds: number, request: unknown, _: unknown, done: number) => {
    options.note(
      `GitHub's ${kind} rate limit is reached for ${(request as { url: string }).url}; it ` +
        `asks to wait ${seconds} s`,
    );
    return done < ATTEMPTS && seconds <= WAIT_LONGEST_SECONDS;
  };
  const silent = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  const octokit = new (Octokit.plugin(retry, throttling))({
    auth: options.token,
    baseUrl: options.apiUrl,
    userAgent: 'qibench-action',
    log: silent,
    retry: { retries: ATTEMPTS },
    throttle: { onRateLimit: waits('primary'), onSecondaryRateLimit: waits('secondary') },
    request: {
      fetch: (url: string, init: RequestInit) =>
        fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }),
    },
  });
  const [owner, repo] = options.repository.split('/') as [string, string];
  return { rest: octokit.rest, paginate: octokit.paginate, at: { owner, repo } };
}

/** Returns whether GitHub denied the request for lack of a permission of the token. */
export function isForbidden(error: unknown): boolean {
  return [401, 403, 404].includes((error as { status?: number }).status ?? 0);
}
