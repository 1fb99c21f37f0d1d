// SPDX-License-Identifier: GPL-2.0-or-later
import { Registry } from 'prom-client';
import { QibenchError } from '#contract/error.js';
import { logLevel, openLog, type Log } from './log.js';
import { addProcessMetrics } from './process-metrics.js';
import { NO_SPANS, openSpans, type Spans } from './spans.js';

export interface TelemetrySettings {
  readonly level: string;
  /** Null: spans are not sent. */
  readonly collectorUrl: string | null;
}

/** Log, metrics and spans of a process. */
export interface Telemetry {
  readonly log: Log;
  readonly metrics: Registry;
  readonly spans: Spans;
}

/**
 * Reads the telemetry settings from environment variables.
 *
 * @throws {BAD_SETTING} The log level or the collector's address is invalid.
 */
export function readTelemetrySettings(
  environment: Readonly<Record<string, string | undefined>>,
): TelemetrySettings {
  const collectorUrl =
    environment.QIBENCH_OTLP_URL || environment.OTEL_EXPORTER_OTLP_ENDPOINT || null;
  if (
    collectorUrl !== null &&
    !/^https?:$/.test(URL.canParse(collectorUrl) ? new URL(collectorUrl).protocol : '')
  ) {
    throw new QibenchError('BAD_SETTING', {
      setting: environment.QIBENCH_OTLP_URL ? 'QIBENCH_OTLP_URL' : 'OTEL_EXPORTER_OTLP_ENDPOINT',
      reason: 'must be an http or https address',
    });
  }
  return { level: logLevel(environment.QIBENCH_LOG_LEVEL), collectorUrl };
}

/**
 * Opens log, metrics and spans of a process.
 *
 * @param base Fields of every log line, and the process's name in spans: its part, `api` or
 *   `worker`, and which worker.
 */
export async function openTelemetry(
  { level, collectorUrl }: TelemetrySettings,
  version: string,
  base: { readonly part: string; readonly worker?: string },
): Promise<Telemetry> {
  const metrics = new Registry();
  addProcessMetrics(metrics, version);
  const resource = {
    'service.name': `qibench-${base.part}`,
    'service.version': version,
    ...(base.worker === undefined ? {} : { 'service.instance.id': base.worker }),
  };
  return { log: openLog(level, base), metrics, spans: await openSpans(collectorUrl, resource) };
}

/** Returns telemetry that writes and sends nothing. */
export function noTelemetry(): Telemetry {
  return { log: openLog('silent', {}), metrics: new Registry(), spans: NO_SPANS };
}
