// SPDX-License-Identifier: GPL-2.0-or-later
import type { ContainerSpec, Engine } from '#worker/engine/engine.js';

const MIB = 1024 ** 2;
/** Long enough for a busy machine. */
const LIMIT_MS = 60_000;

/** Returns a container as a run has it: without network, and with a read-only root. */
export const confined = (
  spec: Pick<ContainerSpec, 'image' | 'labels'> & Partial<ContainerSpec>,
): ContainerSpec => ({
  command: ['true'],
  user: '65534:65534',
  network: 'none',
  readOnlyRoot: true,
  memoryBytes: 128 * MIB,
  pids: 64,
  fileBytes: MIB,
  ...spec,
});

/** Runs a container to its end and returns its output. */
export async function outputOf(backend: Engine, spec: ContainerSpec): Promise<string> {
  const container = await backend.create(spec);
  let output = '';
  try {
    await backend.run(container, {
      timeoutMs: LIMIT_MS,
      onOutput: (_, chunk) => void (output += chunk.toString()),
    });
    return output;
  } finally {
    await backend.remove(container);
  }
}
