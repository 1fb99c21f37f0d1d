// SPDX-License-Identifier: GPL-2.0-or-later
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PROCESS_SETTINGS } from '#contract/process-settings.js';
import {
  readSettings,
  secret,
  setting,
  type Environment,
  type Values,
} from '#contract/settings.js';
import {
  dockerHost,
  flag,
  port,
  postgresUrl,
  redisUrl,
  text,
  urlSecrets,
} from '#contract/setting-types.js';

/** Address of the service that `up` and `demo` start. */
export const LOOPBACK = '127.0.0.1';

/** Settings of the command, and of the service that `up` and `demo` start. */
export const COMMAND_SETTINGS = {
  QIBENCH_SERVER: setting('URL of the service', text, null, '`http://127.0.0.1:7171`'),
  QIBENCH_TOKEN: secret(setting('token for the service', text, null)),
  QIBENCH_FROM_TOKEN: secret(
    setting('token for the service of `job reproduce --from`', text, null),
  ),
  QIBENCH_HOME: setting(
    'data folder of `up`, `demo` and `database backup`, `restore` and `psql`',
    text,
    null,
    '`/var/lib/qibench` for root, else `~/.local/share/qibench`',
  ),
  XDG_DATA_HOME: setting("folder of the user's data", text, null, '`~/.local/share`'),
  DATABASE_URL: secret(
    setting('Postgres that `up` and `database` use', postgresUrl, null, "the data folder's own"),
    urlSecrets,
  ),
  REDIS_URL: secret(
    setting('Redis that `up` uses', redisUrl, null, "the data folder's own"),
    urlSecrets,
  ),
  QIBENCH_ROOT: PROCESS_SETTINGS.QIBENCH_ROOT,
  QIBENCH_HOST: setting(
    `address of the service that \`up\` and \`demo\` start: ${LOOPBACK} only`,
    text,
    LOOPBACK,
    `\`${LOOPBACK}\``,
  ),
  QIBENCH_PORT: setting('port of the service that `up` starts', port, null, '7171 if it is free'),
  QIBENCH_OPEN_ON_LOOPBACK: setting(
    '0: the service that `up` starts requires tokens',
    flag,
    true,
    '1',
  ),
  DOCKER_HOST: setting(
    'Docker engine of the service that `up` starts',
    dockerHost,
    null,
    '`/var/run/docker.sock`',
  ),
  DOCKER_TLS_VERIFY: setting('1: the connection to it is encrypted', text, null),
  DOCKER_CERT_PATH: setting('folder of the certificates for it', text, null),
};

export type CommandSettings = Values<typeof COMMAND_SETTINGS>;

/**
 * Reads the settings of the command.
 * @throws {BAD_SETTING}
 */
export function readCommandSettings(environment: Environment): CommandSettings {
  return readSettings(COMMAND_SETTINGS, environment);
}

/** Returns the data folder of the embedded service: QIBENCH_HOME, else the user's default. */
export function dataFolder(
  settings: Pick<CommandSettings, 'QIBENCH_HOME' | 'XDG_DATA_HOME'>,
): string {
  if (settings.QIBENCH_HOME !== null) return settings.QIBENCH_HOME;
  if (process.getuid?.() === 0) return '/var/lib/qibench';
  return join(settings.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'qibench');
}
