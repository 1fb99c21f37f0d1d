// SPDX-License-Identifier: GPL-2.0-or-later
import type { Store } from '#store/store.js';
import { expireTraces, type TraceLimits } from '#store/trace-retention.js';
import { Counter } from '#telemetry/metrics.js';
import type { Telemetry } from '#telemetry/telemetry.js';
import { repeat } from './repeat.js';

const TRACES_MS = 60_000;

/** Removes what its retention or its project's share no longer covers. Several processes may run it. */
export function startRetention(
  store: Store,
  limits: { readonly traces: TraceLimits },
  telemetry: Pick<Telemetry, 'log' | 'metrics'>,
): () => Promise<void> {
  const log = telemetry.log.child({ task: 'retention' });
  const removed = new Counter({
    name: 'qibench_retention_removed_total',
    help: 'Rows that retention removed, and traces that lost records or summaries',
    labelNames: ['what'],
    registers: [telemetry.metrics],
  });
  const count = (counts: Readonly<Record<string, number>>) => {
    for (const [what, number] of Object.entries(counts)) removed.inc({ what }, number);
    if (Object.values(counts).some((number) => number > 0)) log.info(counts, 'stored data removed');
  };
  const traces = async () => {
    const { old, overShare, summaries } = await expireTraces(store, limits.traces);
    count({
      'old-traces': old.length,
      'traces-over-share': overShare.length,
      'trace-summaries': summaries.length,
    });
  };
  return repeat(TRACES_MS, traces, log).stop;
}
