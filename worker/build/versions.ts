// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Target } from '#contract/qemu.js';

/** An entry of qemu/versions.json, the only list of supported QEMU versions. */
export const VersionEntry = z.strictObject({
  suite: z.string().regex(/^[a-z]+$/),
  source: z.strictObject({
    kind: z.literal('debian'),
    package: z.string(),
    versionPrefix: z.string(),
    known: z.record(z.string(), z.string()).describe('package version → SHA-256 of its .dsc'),
  }),
  patches: z.string(),
  toolchainPackages: z.array(z.string()),
  configure: z.looseObject({ common: z.array(z.string()) }),
});
export type VersionEntry = z.infer<typeof VersionEntry>;

const VersionsFile = z.strictObject({ versions: z.record(z.string(), VersionEntry) });

/** Reads qemu/versions.json, keyed by version. */
export async function readVersions(rootDir: string): Promise<Record<string, VersionEntry>> {
  const text = await readFile(join(rootDir, 'qemu/versions.json'), 'utf8');
  return VersionsFile.parse(JSON.parse(text)).versions;
}

/** Returns the configure arguments that a version needs for a target. */
export function configureArguments(entry: VersionEntry, target: Target): string[] {
  const forTarget = z.array(z.string()).parse(entry.configure[target] ?? []);
  return [...entry.configure.common, ...forTarget];
}

/** Returns the targets that a version has configure arguments for. */
export function targetsOf(entry: VersionEntry): Target[] {
  return Target.options.filter((target) => entry.configure[target] !== undefined);
}
