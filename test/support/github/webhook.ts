// SPDX-License-Identifier: GPL-2.0-or-later
import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '#store/store.js';
import { startApi } from '../api-process.js';
import type { FakeGitHub } from './fake-github.js';

const SECRET = 'a secret of some length';
export const BASE = 'b'.repeat(40);

/** Starts an API that receives webhooks. */
export function startReceiver(
  github: FakeGitHub,
  settings: Record<string, string> = {},
): ReturnType<typeof startApi> {
  return startApi({
    QIBENCH_WEBHOOK_SECRET: SECRET,
    QIBENCH_GITHUB_TOKEN: 't',
    QIBENCH_GITHUB_API_URL: github.url,
    QIBENCH_PUBLIC_URL: 'https://bench.example',
    QIBENCH_WEBHOOK_PROJECT: 'hooked',
    ...settings,
  });
}

export const jobFile = (more = '') =>
  `name: by @webhook\nqemu: { version: "7.2", target: x86_64-softmmu }\nevents: ` +
  `[memory_region_ops_write]\ninstrumentation: code\nvariants: [none, dynamic]\nworkloads: ` +
  `[{ name: port-io }]\nblocks: 6\n${more}`;

/** A pull request, in GitHub's form, of a repository with an instrumentation. */
export function putPull(
  github: FakeGitHub,
  number: number,
  headSha: string,
  pushed_at = '2026-01-01T00:00:00Z',
): void {
  github.mergeBase = BASE;
  github.trees.set(BASE, {
    '.qibench.yaml': jobFile(),
    'code/instrument.c': 'int base;',
    'other/big.c': 'x',
  });
  github.trees.set(headSha, {
    '.qibench.yaml': jobFile('measure: { threshold: 9 }\n'),
    'code/instrument.c': 'int head;',
    'code/linked.h': '-> instrument.c',
  });
  github.pulls.set(number, pullOf(number, headSha, pushed_at));
}

export const pullOf = (number: number, headSha: string, pushed_at = '2026-01-01T00:00:00Z') => ({
  number,
  state: 'open',
  head: { sha: headSha, repo: { pushed_at } },
  base: { sha: 'c'.repeat(40) },
});

/** Returns the payload of a new comment; every call differs. */
export const commentOn = (
  number: number,
  details: {
    body?: string;
    author_association?: string;
    created_at?: string;
    user?: { login: string };
  } = {},
) => ({
  action: 'created',
  issue: { number, pull_request: {} },
  repository: { full_name: 'owner/name' },
  unique: randomUUID(),
  comment: {
    body: '/bench',
    author_association: 'MEMBER',
    user: { login: 'maintainer' },
    created_at: '2026-01-01T00:00:01Z',
    ...details,
  },
});

/** Delivers a webhook like GitHub. */
export async function deliver(
  server: string,
  event: string,
  payload: unknown,
  options: { signature?: string; delivery?: string } = {},
) {
  const body = JSON.stringify(payload);
  const signature =
    options.signature ?? `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': options.delivery ?? randomUUID(),
    'x-hub-signature-256': signature,
  };
  const response = await fetch(`${server}/v1/webhooks/github`, { method: 'POST', body, headers });
  return {
    status: response.status,
    answer: (await response.json()) as {
      accepted?: boolean;
      reason?: string | null;
      error?: { code: string };
    },
  };
}

/** Returns the ids of the jobs that measure a commit. */
export async function jobsOfCommit(store: Store, commit: string): Promise<{ id: string }[]> {
  const select = "SELECT id FROM job WHERE request->>'commit' = $1";
  return (await store.pool.query<{ id: string }>(select, [commit])).rows;
}

/** Expires the claim of a delivery at once. */
export async function expireClaim(store: Store, delivery: string): Promise<void> {
  await store.pool.query(
    'UPDATE webhook_delivery SET due_at = now() WHERE delivery = $1 AND due_at > now()',
    [delivery],
  );
}

/** Reads until the value fits. */
export async function polled<T>(read: () => Promise<T>, fits: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
    await pause(100);
  }
}
