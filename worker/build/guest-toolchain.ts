// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import type { StepContext } from '../step-context.js';
import { ensureImage } from './images.js';

interface Cross {
  /** GNU's name of the compiler's target. */
  readonly triplet: string;
  /** Debian's name of the architecture. */
  readonly debian: string;
}

/** Architectures that Debian has a cross compiler for, by QEMU's name. */
const CROSS: Readonly<Record<string, Cross>> = {
  aarch64: { triplet: 'aarch64-linux-gnu', debian: 'arm64' },
  arm: { triplet: 'arm-linux-gnueabihf', debian: 'armhf' },
  i386: { triplet: 'i686-linux-gnu', debian: 'i386' },
  mips64el: { triplet: 'mips64el-linux-gnuabi64', debian: 'mips64el' },
  ppc64: { triplet: 'powerpc64-linux-gnu', debian: 'ppc64' },
  ppc64le: { triplet: 'powerpc64le-linux-gnu', debian: 'ppc64el' },
  riscv64: { triplet: 'riscv64-linux-gnu', debian: 'riscv64' },
  s390x: { triplet: 's390x-linux-gnu', debian: 's390x' },
  x86_64: { triplet: 'x86_64-linux-gnu', debian: 'amd64' },
};

/** An image with a compiler for guests. */
export interface GuestToolchain {
  readonly tag: string;
  readonly key: string;
  /** Prefix of the compiler's programs: `aarch64-linux-gnu-`. */
  readonly prefix: string;
}

/**
 * Builds the image that compiles the workloads of an architecture.
 * @returns null if Debian has no cross compiler for the architecture.
 */
export async function ensureGuestToolchain(
  context: StepContext,
  { suite, base, architecture }: { suite: string; base: string; architecture: string },
): Promise<GuestToolchain | null> {
  const cross = CROSS[architecture];
  if (cross === undefined) return null;
  const { triplet, debian } = cross;
  const compiler =
    architecture === 'x86_64'
      ? ['gcc', 'libc6-dev']
      : [`gcc-${triplet}`, `libc6-dev-${debian}-cross`];
  const image = await ensureImage(context, {
    name: 'guest-toolchain',
    label: `${suite}-${architecture}`,
    folder: join(context.rootDir, 'dockerfiles/guest-toolchain'),
    arguments: { BASE: base, COMPILER: compiler.join(' ') },
  });
  return { ...image, prefix: `${triplet}-` };
}
