// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process';
import { QibenchError } from '#contract/error.js';

/**
 * Runs psql(1) on a database until it exits.
 * @param url URL with the password, which does not appear among psql's arguments.
 * @returns Its exit status.
 * @throws {BAD_USAGE} Psql is not installed.
 */
export async function runPsql(url: string, psqlArguments: readonly string[]): Promise<number> {
  const { password } = new URL(url);
  const publicUrl = Object.assign(new URL(url), { password: '' }).href;
  const child = spawn('psql', [publicUrl, ...psqlArguments], {
    stdio: 'inherit',
    // eslint-disable-next-line no-restricted-properties -- passed on, not read
    env: { ...process.env, PGPASSWORD: decodeURIComponent(password) },
  });
  process.on('SIGINT', ignore); // Ctrl-C ends a query, not this process before psql
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? 1));
    });
  } catch (error) {
    throw new QibenchError(
      'BAD_USAGE',
      { reason: 'psql is not installed: apt-get install postgresql-client' },
      { cause: error },
    );
  } finally {
    process.off('SIGINT', ignore);
  }
}

const ignore = () => undefined;
