// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { VariantCode } from '#contract/machine-code.js';
import { fileFromTar } from '../../build/tar.js';
import { openContainer, runScript, shell } from '../../build/script.js';
import { BUILDER, type StepContext } from '../../step-context.js';
import { emulatorPath } from '../command.js';
import type { Target } from '#contract/qemu.js';
import { ProfileFormatError } from './callgrind-file.js';
import { readHostile } from './hostile-reader.js';

/** Six functions have some 100 KB. */
const LISTING_BYTES = 8 * 1024 * 1024;

/**
 * Disassembles functions of an emulator, with all copies that the compiler made of them: callers of
 * them may run a copy with fewer arguments.
 */
const DISASSEMBLE = `
emulator=$1; shift
{
  size "$emulator" | tail -n 1
  for name; do
    nm --defined-only "$emulator" | awk '{ print $3 }' \\
      | grep -E "^$name(\\.(constprop|isra|part|cold|lto_priv)(\\.[0-9]+)?)*\\$" | sort -u \\
      | while read -r symbol; do
          objdump -w -d -l --inlines --disassemble="$symbol" "$emulator"
        done
  done
} > /qemu/listing
`;

/**
 * Disassembles hot functions of a variant's emulator in a container of the toolchain, without
 * network: uploaded code may have made the emulator.
 *
 * @param names Functions, by their names without the compiler's suffixes.
 * @throws {ProfileFormatError} The tools cannot read the emulator.
 */
export async function machineCode(
  context: StepContext,
  toolchain: string,
  build: Pick<Build, 'image' | 'variant' | 'side'>,
  {
    target,
    names,
    events,
  }: { target: Target; names: readonly string[]; events: readonly string[] },
): Promise<VariantCode> {
  const limits = context.limits.library;
  const path = emulatorPath(target, null);
  const file = path.slice(path.lastIndexOf('/') + 1);
  const spec = { user: BUILDER, network: 'none' as const, limits };
  await using source = await openContainer(context, {
    ...spec,
    image: build.image,
    command: ['true'],
    workingDir: '/',
  });
  await using container = await openContainer(context, {
    ...spec,
    image: toolchain,
    command: shell(DISASSEMBLE, `/qemu/${file}`, ...names.filter(isPlain)),
  });
  await context.backend.copyIn(
    container.id,
    '/qemu',
    await context.backend.copyOut(source.id, path),
  );
  const { exitStatus } = await runScript(context, container.id, {
    step: 'measure',
    what: `machine code of ${build.variant}`,
    limits,
    uploaded: 'the emulator',
  });
  const listing = await fileFromTar(
    await context.backend.copyOut(container.id, '/qemu/listing'),
    'listing',
    LISTING_BYTES,
  );
  const text = listing?.content.toString('latin1') ?? '';
  const [, textBytes, dataBytes] = /^ *(\d{1,12})\s+(\d{1,12})\s/.exec(text) ?? [];
  if (exitStatus !== 0 || textBytes === undefined)
    throw new ProfileFormatError('the emulator cannot be disassembled');
  return {
    variant: build.variant,
    side: build.side,
    textBytes: Number(textBytes),
    dataBytes: Number(dataBytes),
    ...(await readHostile('code', { listing: text, events })),
  };
}

/** Names become part of a regular expression. */
const isPlain = (name: string): boolean => /^\w{1,256}$/.test(name);
