// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { numberSetting } from '#contract/setting.js';
import { endOnCrash } from '#telemetry/crash.js';
import { openTelemetry, readTelemetrySettings, type Telemetry } from '#telemetry/telemetry.js';
import { readAccessSettings } from './settings.js';
import { startApi } from './start.js';
import { readWebhookSettings } from './webhook/settings.js';

let telemetry: Telemetry | null = null;
endOnCrash(() => telemetry?.log ?? null);
const rootDir = process.env.QIBENCH_ROOT ?? fileURLToPath(new URL('../../..', import.meta.url));
const { version } = JSON.parse(await readFile(join(rootDir, 'package.json'), 'utf8')) as {
  version: string;
};
telemetry = await openTelemetry(readTelemetrySettings(process.env), version, { part: 'api' });
const api = await startApi({
  databaseUrl: process.env.DATABASE_URL!,
  redisUrl: process.env.REDIS_URL!,
  rootDir,
  version,
  host: process.env.QIBENCH_HOST ?? '127.0.0.1',
  port: Number(process.env.QIBENCH_PORT ?? 7171),
  webhook: readWebhookSettings(process.env),
  traceLimits: {
    days: numberSetting('QIBENCH_TRACE_DAYS', process.env.QIBENCH_TRACE_DAYS, 90),
    totalBytes: numberSetting(
      'QIBENCH_TRACE_TOTAL_BYTES',
      process.env.QIBENCH_TRACE_TOTAL_BYTES,
      20 * 1024 ** 3,
    ),
  },
  access: readAccessSettings(process.env),
  telemetry,
});
telemetry.log.info({ version, url: api.url }, 'API started');
// Goes to stdout, for the operator: the log is on stderr and must not contain secrets.
console.log(`qibench API at ${api.url}`);
if (api.firstToken !== null) {
  console.log(
    'No administrator token exists yet. This is the first one. It is shown only once; ' +
      `store it with your secrets:\n\n  ${api.firstToken}\n`,
  );
  console.log(
    'Use it to create a token for each person and each CI system: ' +
      `QIBENCH_TOKEN=... ./qibench --server ${api.url} token create --name ... --project ...`,
  );
}

// disconnect: the process that supervises this one has exited
let closing: Promise<void> | null = null;
for (const reason of ['SIGTERM', 'SIGINT', 'disconnect'])
  process.once(reason, () => void (closing ??= api.close().then(() => process.exit(0))));
