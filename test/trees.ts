import type { Target } from '../services/contract/qemu.js';
import { ensureTree } from '../worker/build/tree.js';
import { ensureToolchain } from '../worker/source/images.js';
import { ensureSource } from '../worker/source/source.js';
import { readVersions } from '../worker/source/versions.js';
import { testContext } from './context.js';

const VERSION = '7.2';

/** What the end-to-end tests build variants from; the first is none that conformance begins with, so both compile. */
const TREES: readonly (readonly [Target, string])[] = [
  ['aarch64-softmmu', 'log'],
  ['x86_64-softmmu', 'simple'],
  ['x86_64-linux-user', 'log'],
  ['aarch64-linux-user', 'log'],
  ['riscv64-linux-user', 'log'],
  ['x86_64-softmmu', 'log'],
];

/** Compile them, unless they are there: while a service compiles, no service of the host measures. */
export async function ensureTestTrees(rootDir: string): Promise<void> {
  const context = testContext(rootDir);
  const entry = (await readVersions(rootDir))[VERSION]!;
  const toolchain = await ensureToolchain(context, entry);
  const source = await ensureSource(context, VERSION, entry, toolchain);
  for (const [target, backend] of TREES) await ensureTree(context, { version: VERSION, entry, toolchain, source, target, backends: [backend] }, 'none');
}
