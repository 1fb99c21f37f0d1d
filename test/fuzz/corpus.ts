// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'test/fuzz/corpus';

/**
 * Returns the start inputs: examples, and all former findings. Reads them from the project's
 * folder.
 */
export function readCorpus(target: string): { name: string; input: Buffer }[] {
  const folder = join(FOLDER, target);
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, input: readFileSync(join(folder, name)) }));
}
