import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import type { HostFingerprint } from '../../services/contract/host.js';
import type { Backend } from '../backend/backend.js';

/** What this host is, as far as timings depend on it. Nothing in it changes while the host is up. */
export async function fingerprintHost(backend: Backend): Promise<HostFingerprint> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(cpuinfo)?.[1] ?? 'unknown';
  const { engine, runtime } = await backend.version();
  const fields = {
    cpuModel: field('model name'),
    cpuFlags: sha256(field('flags').split(' ').sort().join(' ')),
    microcode: field('microcode'),
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    docker: engine,
    runtime,
  };
  return { digest: `sha256:${sha256(JSON.stringify(fields))}`, ...fields };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
