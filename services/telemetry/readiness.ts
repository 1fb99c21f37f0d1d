import type { Readiness } from '../contract/health.js';

const CHECK_LIMIT_MS = 2_000;

/** Says why something does not work; null if it does. */
export type Check = () => Promise<string | null>;

/** Ask everything at once. What throws or takes too long does not work; why is not told, as whoever asks may be a stranger. */
export async function checkReadiness(checks: Readonly<Record<string, Check>>): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const reason = await within(CHECK_LIMIT_MS, check()).catch(() => 'does not answer');
      return { name, ok: reason === null, reason };
    }),
  );
  return {
    ready: results.every(({ ok }) => ok),
    upSeconds: Math.round(process.uptime()),
    checks: results,
  };
}

/** Rejects when `work` takes longer; it goes on by itself. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
