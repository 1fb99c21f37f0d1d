// SPDX-License-Identifier: GPL-2.0-or-later
// npm run deployment [-- compose|swarm]: builds the images and runs the real service from them,
// following docs/deployment.md.
import { execFileSync } from 'node:child_process';
import { ensureDocker } from '#cli/embedded/dockerd.js';
import { readCommandSettings } from '#cli/settings.js';
import { tmpdir } from 'node:os';
import { installPackages } from '#support/debian-tools.js';
import { tryCompose } from './compose.js';
import { buildServiceImages } from './images.js';
import { rootDir } from './jobs.js';
import { trySwarm } from './swarm.js';

const wanted = process.argv.slice(2);
const startedMs = performance.now();
const say = (line: string) =>
  console.log(
    `${String(Math.round((performance.now() - startedMs) / 1_000)).padStart(5)} s  ${line}`,
  );

process.chdir(rootDir);
await installPackages('docker.io', 'docker-compose', 'iproute2', 'iptables');
const stopDocker = await ensureDocker(tmpdir(), readCommandSettings(process.env));
try {
  execFileSync('dockerfiles/secrets');
  buildServiceImages();
  say('images of the service are built');
  if (wanted.length === 0 || wanted.includes('compose')) await tryCompose(say);
  if (wanted.length === 0 || wanted.includes('swarm')) await trySwarm(say);
} finally {
  await stopDocker();
}
