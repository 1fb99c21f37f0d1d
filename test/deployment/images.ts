// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from './jobs.js';

export const SERVICE_IMAGES = [
  'qibench/postgres',
  'qibench/redis',
  'qibench/api',
  'qibench/worker',
];

/** Builds the service's images from dockerfiles/ of this checkout. */
export function buildServiceImages(): void {
  const certificate = join(rootDir, 'dockerfiles/service/certificates/proxy.crt');
  const proxy = process.env.NODE_EXTRA_CA_CERTS;
  // Images must trust the certificates that this machine trusts.
  if (proxy !== undefined) copyFileSync(proxy, certificate);
  try {
    const build = (image: string, ...options: string[]) =>
      execFileSync('docker', ['build', '-q', '-t', image, ...options], {
        cwd: rootDir,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    build('qibench/postgres', 'dockerfiles/postgres');
    build('qibench/redis', 'dockerfiles/redis');
    for (const target of ['api', 'worker'])
      build(`qibench/${target}`, '-f', 'dockerfiles/service/Dockerfile', '--target', target, '.');
  } finally {
    rmSync(certificate, { force: true });
  }
}
