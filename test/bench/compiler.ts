// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync, spawn } from 'node:child_process';
import { hostname } from 'node:os';

/** Compiles QEMU with one job, again and again. */
const LOOP = 'cd /qemu/build && while :; do ninja -t clean; CCACHE_DISABLE=1 ninja -j1; done';

/**
 * Keeps a compiler running beside a benchmark, in a container of the newest tree of QEMU 7.2.
 * @returns Function that ends it.
 */
export function startCompiler(): () => void {
  const images = [
    'images',
    '--quiet',
    '--filter',
    'reference=qibench/tree:7.2-x86_64-softmmu-none-*',
  ];
  const image = execFileSync('docker', images, { encoding: 'utf8' }).split('\n')[0];
  if (!image) throw new Error('no tree of QEMU 7.2: run a job with x86_64-softmmu first');
  const name = `qibench-bench-compiler-${hostname()}`;
  const remove = () => execFileSync('docker', ['rm', '--force', name], { stdio: 'ignore' });
  remove();
  const run = ['run', '--rm', '--name', name, '--network', 'none', image, 'sh', '-c', LOOP];
  spawn('docker', run, { stdio: 'ignore' });
  return remove;
}
