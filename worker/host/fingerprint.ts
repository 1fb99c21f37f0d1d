// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import type { EnvironmentFacts, HostFingerprint, KnobReport } from '#contract/host.js';
import type { Engine } from '../engine/engine.js';

/**
 * Returns the fingerprint of this host: every property that timings depend on, including the
 * environments that the job's QEMUs are compiled and run in.
 */
export async function fingerprintHost(
  backend: Engine,
  host: { cpuset: string; knobs: readonly KnobReport[]; environments: readonly EnvironmentFacts[] },
): Promise<HostFingerprint> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const field = (name: string) =>
    new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(cpuinfo)?.[1] ?? 'unknown';
  const { engine, runtime } = await backend.version();
  return withDigest({
    cpuModel: field('model name'),
    cpuFlags: sha256(field('flags').split(' ').sort().join(' ')),
    microcode: field('microcode'),
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    docker: engine,
    runtime,
    cpuset: host.cpuset,
    knobs: [...host.knobs],
    environments: [...host.environments],
  });
}

/**
 * Adds the digest to a fingerprint. The digest ignores how a knob got its value, because timings
 * depend on the value alone, and the order of the environments.
 */
export function withDigest(facts: Required<Omit<HostFingerprint, 'digest'>>): HostFingerprint {
  const knobs = facts.knobs.map(({ name, value }) => ({ name, value }));
  const environments = facts.environments
    .map((environment) =>
      JSON.stringify([environment.base, environment.runner, environment.compiler]),
    )
    .sort();
  return {
    digest: `sha256:${sha256(JSON.stringify({ ...facts, knobs, environments: [...new Set(environments)] }))}`,
    ...facts,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
