// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import type { Client } from '#cli/client.js';
import type { AlertList, History } from '#contract/history.js';
import { random } from '#statistics/random.js';
import type { NewSample } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from './api-process.js';
import { measuredJob } from './measured-job.js';
import { newSampleOf } from './sample.js';

export const newProject = () => `p-${randomUUID()}`;

const next = random(11);

/** Returns the value with 0.2 % of noise. */
export const noisy = (value: number): number => value * (1 + 0.004 * (next() - 0.5));

/** Six blocks and a warm-up of none and dynamic; `dynamic` takes `ratio` times the time. */
export function run(ratio: number, hostFingerprint: string): NewSample[] {
  return Array.from({ length: 14 }, (_, index) => {
    const [block, variant] = [Math.floor(index / 2), index % 2 === 0 ? 'none' : 'dynamic'];
    const wallNs = String(Math.round(noisy(1e9) * (variant === 'none' ? 1 : ratio)));
    return newSampleOf({
      variant,
      workload: 'port-io',
      block,
      position: index % 2,
      wallNs,
      hostFingerprint,
    });
  });
}

/** One day per commit. */
export const day = (index: number): string => new Date(Date.UTC(2026, 0, 1 + index)).toISOString();

/** Ratios of successive commits, from counts of equal ones. */
export const levels = (...parts: [count: number, ratio: number][]): number[] =>
  parts.flatMap(([count, ratio]) => Array<number>(count).fill(ratio));

/** Histories on the stores of the tests: jobs are stored without measuring and read by the API. */
export class Histories {
  private constructor(
    readonly store: Store,
    private readonly api: Awaited<ReturnType<typeof startApi>>,
  ) {}

  static async start(): Promise<Histories> {
    return new Histories(await openStore(process.env.TEST_DATABASE_URL!), await startApi());
  }

  get client(): Client {
    return this.api.client;
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.store.close();
  }

  /** Stores a job per ratio; each commit is a day later than the one before. */
  async measureCommits(
    project: string,
    ratios: readonly number[],
    { first = 0, host = 'sha256:a' } = {},
  ): Promise<void> {
    for (const [index, ratio] of ratios.entries())
      await measuredJob(this.store, run(ratio, host), {
        project,
        commit: `c${first + index}`,
        committedAt: day(first + index),
      });
  }

  /** Returns the history of a series, with alerts that are up to date. */
  async history(project: string, metric = 'wallRatio', variant = 'dynamic'): Promise<History> {
    const query = new URLSearchParams({ project, workload: 'port-io', variant, metric });
    for (;;) {
      const found = await this.client.get<History>(`/v1/history?${query}`);
      if (!found.alertsDue) return found;
      await after(100);
    }
  }

  /** Returns the alerts of a project once they are up to date. */
  async alertsOf(project: string): Promise<AlertList['alerts']> {
    for (;;) {
      const { alerts, waiting } = await this.client.get<AlertList>(`/v1/alerts?project=${project}`);
      if (waiting.jobs + waiting.series === 0) return alerts;
      await after(100);
    }
  }
}
