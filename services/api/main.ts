// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings, secretsIn } from '#contract/settings.js';
import { endOnCrash } from '#telemetry/crash.js';
import { endOnSignal } from '#telemetry/ending.js';
import { openTelemetry, type Telemetry } from '#telemetry/telemetry.js';
import { accessSettings, API_SETTINGS } from './settings.js';
import { startApi } from './start.js';
import { webhookFaults, webhookSettings } from './webhook/settings.js';

const atEnd = endOnSignal();
let telemetry: Telemetry | null = null;
endOnCrash(() => telemetry?.log ?? null);
const settings = readSettings(API_SETTINGS, process.env, webhookFaults);
const rootDir = settings.QIBENCH_ROOT ?? fileURLToPath(new URL('../../..', import.meta.url));
const { version } = JSON.parse(await readFile(join(rootDir, 'package.json'), 'utf8')) as {
  version: string;
};
telemetry = await openTelemetry(
  settings,
  version,
  { part: 'api' },
  secretsIn(API_SETTINGS, process.env),
);
const api = await startApi({
  databaseUrl: settings.DATABASE_URL,
  redisUrl: settings.REDIS_URL,
  rootDir,
  version,
  host: settings.QIBENCH_HOST,
  port: settings.QIBENCH_PORT,
  basePath: settings.QIBENCH_BASE_PATH ?? '',
  webhook: webhookSettings(settings),
  retention: {
    traces: {
      days: settings.QIBENCH_TRACE_DAYS,
      totalBytes: settings.QIBENCH_TRACE_TOTAL_BYTES,
      projectBytes: settings.QIBENCH_TRACE_PROJECT_BYTES,
    },
    resultDays: settings.QIBENCH_RESULT_DAYS,
    historyDays: settings.QIBENCH_HISTORY_DAYS,
  },
  access: accessSettings(settings),
  telemetry,
});
atEnd(() => api.close());
telemetry.log.info({ version, url: api.url }, 'API started');
// Goes to stdout, for the operator: the log is on stderr and must not contain secrets.
console.log(`qibench API at ${api.url}`);
if (api.firstToken !== null) {
  console.log(
    'No administrator token is valid. This one is valid for 24 hours and is shown only once:' +
      `\n\n  ${api.firstToken}\n`,
  );
  console.log(
    'Use it to create a token for each administrator, person and CI system: ' +
      `QIBENCH_TOKEN=... ./qibench --server ${api.url} token create --name ... --project ...`,
  );
}
process.send?.({ url: api.url }); // to the process that supervises this one
