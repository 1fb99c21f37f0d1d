// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { compilerOf } from '#contract/configure.js';
import type { PlannedSide } from '#contract/side.js';
import type { JobContext } from '../job/job-context.js';
import type { StepContext } from '../step-context.js';
import { ensureFetched } from './fetched.js';
import { ensureToolchain } from './images.js';
import { patchSource, type Source } from './patched.js';
import { ensureSource } from './source.js';
import { readVersions, type VersionEntry } from './versions.js';

type Qemu = PlannedSide['qemu'];

/** A side's source, with the user's patches, and the toolchain that compiles it. */
export interface SideSource {
  readonly entry: VersionEntry;
  readonly toolchain: { readonly tag: string; readonly key: string };
  readonly source: Source;
}

/** Returns the source of a side. */
export async function sideSource(
  job: Pick<JobContext, 'context' | 'uploads' | 'sourceHosts' | 'openUpload'>,
  qemu: Qemu,
): Promise<SideSource> {
  const { context, uploads } = job;
  const entry = await versionEntry(context, qemu.version);
  const toolchain = await ensureToolchain(context, entry, compilerOf(qemu.configure ?? []));
  const unpatched = await unpatchedSource(job, qemu, { entry, toolchain });
  const source =
    qemu.patches === null
      ? unpatched
      : await patchSource(context, qemu.version, unpatched, uploads.get(qemu.patches)!);
  return { entry, toolchain, source };
}

async function unpatchedSource(
  {
    context,
    sourceHosts: hosts,
    openUpload,
  }: Pick<JobContext, 'context' | 'sourceHosts' | 'openUpload'>,
  { version, source }: Qemu,
  { entry, toolchain }: Pick<SideSource, 'entry' | 'toolchain'>,
): Promise<Source> {
  if (source === undefined) return ensureSource(context, version, entry, toolchain);
  if ('debian' in source) return ensureSource(context, version, entry, toolchain, source.debian);
  return ensureFetched(context, source, { entry, toolchain, hosts, openUpload });
}

/** Returns the folder in qemu/ of a port's patches; null without a port. */
export function patchesOf(port: string | null): string | null {
  return port === null ? null : `patches/${port}`;
}

/** Returns the worker's entry of a version. */
export async function versionEntry(context: StepContext, version: string): Promise<VersionEntry> {
  const entry = (await readVersions(context.rootDir))[version];
  if (entry === undefined)
    throw new QibenchError('UNKNOWN_QEMU_VERSION', {
      field: 'qemu.version',
      version,
      supported: '',
    });
  return entry;
}
