// SPDX-License-Identifier: GPL-2.0-or-later
import { required, setting } from './settings.js';
import { listOf, postgresUrl, redisUrl, text, urlSecrets } from './setting-types.js';
import { isSourceHost } from './source-hosts.js';

/** Settings that API and worker share. */
export const PROCESS_SETTINGS = {
  DATABASE_URL: required('Postgres', postgresUrl, urlSecrets),
  REDIS_URL: required('Redis, with `maxmemory-policy noeviction`', redisUrl, urlSecrets),
  QIBENCH_ROOT: setting("folder of the program's files", text, null, 'the build folder'),
};

/** Settings of both about sources of QEMU. */
export const SOURCE_SETTINGS = {
  QIBENCH_SOURCE_HOSTS: setting(
    'comma-separated hosts that sources of QEMU may come from, like `gitlab.com` (https) or ' +
      '`http://mirror.example:8080`; the same for API and workers',
    listOf(isSourceHost, 'is neither a host nor an origin like https://gitlab.com'),
    [],
    "none: only Debian's sources and uploads",
  ),
};
