// SPDX-License-Identifier: GPL-2.0-or-later
import type { EnvironmentFacts } from '#contract/host.js';
import type { StepContext } from '../step-context.js';
import { runScript, openContainer } from '../build/script.js';

const compilers = new Map<string, string>();

/** Returns the images and the compiler of a job's QEMUs. The engine must have the images. */
export async function environmentFacts(
  context: StepContext,
  images: { base: string; runner: string; toolchain: string },
): Promise<EnvironmentFacts> {
  const { backend } = context;
  return {
    base: await backend.imageId(images.base),
    runner: await backend.imageId(images.runner),
    compiler: await compilerOf(context, images.toolchain),
  };
}

async function compilerOf(context: StepContext, toolchain: string): Promise<string> {
  const id = await context.backend.imageId(toolchain);
  const known = compilers.get(id);
  if (known !== undefined) return known;
  const spec = {
    image: toolchain,
    command: ['cc', '--version'],
    user: '65534:65534',
    network: 'none' as const,
    workingDir: '/',
    limits: context.limits.small,
  };
  await using container = await openContainer(context, spec);
  const { lines } = await runScript(context, container.id, {
    step: 'image',
    what: 'compiler version',
    limits: context.limits.small,
    uploaded: null,
  });
  const compiler = lines[0] ?? 'unknown';
  compilers.set(id, compiler);
  return compiler;
}
