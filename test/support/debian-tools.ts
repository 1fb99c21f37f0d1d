// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const execute = promisify(execFile);

/** Installs missing Debian packages: third-party programs that tests run on our files. */
export async function installPackages(...packages: string[]): Promise<void> {
  const states = await Promise.all(
    packages.map((name) =>
      execute('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]).then(
        ({ stdout }) => stdout,
        () => '',
      ),
    ),
  );
  const missing = packages.filter((_, index) => states[index] !== 'installed');
  if (missing.length === 0) return;
  const aptGet = (...command: string[]) => {
    const [program, ...before] = process.getuid?.() === 0 ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
    return execute(program!, [...before, ...command], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  await aptGet('update');
  await aptGet('install', '-y', '--no-install-recommends', ...missing);
}
