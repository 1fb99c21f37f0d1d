import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'test/fuzz/corpus';

/** Inputs to start from: examples, and everything that was once a finding. From the folder of the project. */
export function readCorpus(target: string): { name: string; input: Buffer }[] {
  const folder = join(FOLDER, target);
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, input: readFileSync(join(folder, name)) }));
}
