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

/** Build the images of the service from dockerfiles/, from this checkout. */
export function buildServiceImages(): void {
  const certificate = join(rootDir, 'dockerfiles/service/certificates/proxy.crt');
  const proxy = process.env.NODE_EXTRA_CA_CERTS;
  if (proxy !== undefined) copyFileSync(proxy, certificate); // what this machine trusts, its images have to
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
