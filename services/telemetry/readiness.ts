// SPDX-License-Identifier: GPL-2.0-or-later
import type { Readiness } from '#contract/health.js';

const CHECK_LIMIT_MS = 2_000;

/** Returns why something does not work; null if it works. */
export type Check = () => Promise<string | null>;

/**
 * Runs all checks concurrently. A check that throws or exceeds CHECK_LIMIT_MS counts as failed. Its
 * error is not reported, because the caller may be unauthenticated.
 */
export async function checkReadiness(checks: Readonly<Record<string, Check>>): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const reason = await withTimeLimit(CHECK_LIMIT_MS, check()).catch(() => 'does not answer');
      return { name, ok: reason === null, reason };
    }),
  );
  return {
    ready: results.every(({ ok }) => ok),
    upSeconds: Math.round(process.uptime()),
    checks: results,
  };
}

/** Rejects when `work` takes longer than the limit; the work itself continues. */
export async function withTimeLimit<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
