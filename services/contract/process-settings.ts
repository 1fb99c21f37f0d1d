// SPDX-License-Identifier: GPL-2.0-or-later
import { required, setting } from './settings.js';
import { postgresUrl, redisUrl, text, urlSecrets } from './setting-types.js';

/** Settings that API and worker share. */
export const PROCESS_SETTINGS = {
  DATABASE_URL: required('Postgres', postgresUrl, urlSecrets),
  REDIS_URL: required('Redis, with `maxmemory-policy noeviction`', redisUrl, urlSecrets),
  QIBENCH_ROOT: setting("folder of the program's files", text, null, 'the build folder'),
};
