// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TARGETS, TraceEvent, type QemuVersion } from '#contract/qemu.js';
import type { Catalogue } from '#domain/catalogue.js';
import { readWorkloads } from './workloads.js';

const Versions = z.looseObject({
  versions: z.record(
    z.string(),
    z.looseObject({ suite: z.string(), configure: z.record(z.string(), z.array(z.string())) }),
  ),
});

/**
 * Reads the catalogue that requests are validated against, from the project's own files: QEMU
 * versions, events and workloads. Needs neither Docker nor a QEMU tree.
 */
export async function readCatalogue(
  rootDir: string,
): Promise<Catalogue & { qemu: readonly QemuVersion[] }> {
  const { versions } = Versions.parse(
    JSON.parse(await readFile(join(rootDir, 'qemu/versions.json'), 'utf8')),
  );
  const entries = await Promise.all(
    Object.entries(versions).map(async ([version, { suite, configure }]) => {
      const events = z
        .array(TraceEvent)
        .parse(JSON.parse(await readFile(join(rootDir, 'qemu/events', `${version}.json`), 'utf8')));
      return {
        version,
        suite,
        targets: TARGETS.filter((target) => configure[target] !== undefined),
        events,
      };
    }),
  );
  return {
    versions: Object.fromEntries(
      entries.map(({ version, targets, events }) => [version, { targets, events }]),
    ),
    qemu: entries.map(({ version, suite, targets, events }) => ({
      version,
      suite,
      targets: [...targets],
      events: events.length,
    })),
    workloads: await readWorkloads(rootDir),
  };
}
