// SPDX-License-Identifier: GPL-2.0-or-later
import { Registry } from 'prom-client';
import { openLog, type Log } from './log.js';
import { addProcessMetrics } from './process-metrics.js';
import { collectorUrl, type TelemetrySettings } from './settings.js';
import { NO_SPANS, openSpans, type Spans } from './spans.js';

/** Log, metrics and spans of a process. */
export interface Telemetry {
  readonly log: Log;
  readonly metrics: Registry;
  readonly spans: Spans;
}

/**
 * Opens log, metrics and spans of a process.
 *
 * @param base Fields of every log line, and the process's name in spans: its part, `api` or
 *   `worker`, and which worker.
 * @param secrets Texts that the log replaces wherever they occur.
 */
export async function openTelemetry(
  settings: TelemetrySettings,
  version: string,
  base: { readonly part: string; readonly worker?: string },
  secrets: readonly string[],
): Promise<Telemetry> {
  const metrics = new Registry();
  addProcessMetrics(metrics, version);
  const resource = {
    'service.name': `qibench-${base.part}`,
    'service.version': version,
    ...(base.worker === undefined ? {} : { 'service.instance.id': base.worker }),
  };
  return {
    log: openLog(settings.QIBENCH_LOG_LEVEL, base, undefined, secrets),
    metrics,
    spans: await openSpans(collectorUrl(settings), resource),
  };
}

/** Returns telemetry that writes and sends nothing. */
export function noTelemetry(): Telemetry {
  return { log: openLog('silent', {}), metrics: new Registry(), spans: NO_SPANS };
}
