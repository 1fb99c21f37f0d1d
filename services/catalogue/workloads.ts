// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { WorkloadDefinition } from '#contract/workload.js';

/**
 * Reads every workloads/<name>/workload.yaml.
 *
 * @throws Error that names a file that breaks its schema.
 */
export async function readWorkloads(rootDir: string): Promise<WorkloadDefinition[]> {
  const folder = join(rootDir, 'workloads');
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const file = join(folder, name, 'workload.yaml');
      const definition = WorkloadDefinition.safeParse(parse(await readFile(file, 'utf8')));
      if (!definition.success) throw new Error(`${file}: ${definition.error.message}`);
      if (definition.data.name !== name)
        throw new Error(`${file}: name: must be the folder's name`);
      return definition.data;
    }),
  );
}
