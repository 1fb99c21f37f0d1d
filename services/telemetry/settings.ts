// SPDX-License-Identifier: GPL-2.0-or-later
import { secret, setting, type Values } from '#contract/settings.js';
import { httpUrl, oneOf, text, urlSecrets } from '#contract/setting-types.js';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Settings of the log and the spans of API and worker. */
export const TELEMETRY_SETTINGS = {
  QIBENCH_LOG_LEVEL: setting(
    '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
    oneOf(LEVELS),
    'info',
    '`info`',
  ),
  QIBENCH_OTLP_URL: secret(
    setting('address of a collector, without `/v1/traces`', httpUrl, null, 'unset: no spans'),
    urlSecrets,
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: secret(
    setting('the same, if `QIBENCH_OTLP_URL` is unset', httpUrl, null),
    urlSecrets,
  ),
  OTEL_EXPORTER_OTLP_HEADERS: secret(
    setting('headers of requests to the collector, like `authorization=KEY`', text, null),
    headerSecrets,
  ),
};

export type TelemetrySettings = Values<typeof TELEMETRY_SETTINGS>;

/** Returns the collector of spans; null: spans are not sent. */
export function collectorUrl(settings: TelemetrySettings): string | null {
  return settings.QIBENCH_OTLP_URL ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT;
}

/** Returns the values of a list `name=value,…`, with and without their encoding. */
function headerSecrets(headers: string): string[] {
  return headers
    .split(',')
    .map((header) => header.slice(header.indexOf('=') + 1).trim())
    .flatMap((value) => [
      value,
      value.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 16)),
      ),
    ]);
}
