// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

/** Compilers, by the names of their Debian packages and programs. */
const COMPILER = /^--cc=((?:gcc|clang)(?:-\d{1,2})?)$/;

/**
 * Shapes of the options that a job may give to QEMU's configure. None can hold a path or a command.
 * qibench sets the other options, and everything about traces.
 */
const SHAPES = [
  COMPILER,
  /^--(?:enable|disable)-(?!trace)[a-z0-9][a-z0-9-]{0,63}$/,
  /^--extra-(?:cflags|ldflags)=-[A-Za-z0-9=,.:+_-]{0,99}(?: -[A-Za-z0-9=,.:+_-]{0,99}){0,31}$/,
  /^-D(?!trace)[a-z][a-z0-9_]{0,63}=[A-Za-z0-9_.,-]{1,100}$/,
];

const ConfigureOption = z
  .string()
  .max(1_000)
  .refine(
    (option) => SHAPES.some((shape) => shape.test(option)),
    'an option of the form --enable-X, --disable-X, --cc=gcc, --cc=clang-16 (a Debian package), ' +
      '--extra-cflags=FLAGS, --extra-ldflags=FLAGS or -Dname=value, without paths, and not about traces',
  );

/** Options for QEMU's configure, after qibench's own. */
export const ConfigureOptions = z.array(ConfigureOption).max(32);

/** Returns the Debian package of the compiler that options name; null: the suite's default. */
export function compilerOf(options: readonly string[]): string | null {
  const named = options.map((option) => COMPILER.exec(option)?.[1]);
  return named.findLast((name) => name !== undefined) ?? null;
}
