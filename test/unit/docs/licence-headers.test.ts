// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The two examples of the original design document, generated files and data. */
const NOT_OURS = /^qemu\/test\/document-|\/(?:generated|fixtures|dist)\//;

const FOLDERS = ['qemu', 'dockerfiles', 'services', 'worker', 'test', 'tools', 'prisma', '.ci'];

const sources = [...FOLDERS, '.githooks']
  .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
  .concat(readdirSync('.', { withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name))
  .filter((path) => !NOT_OURS.test(path))
  .map((path): [string, string] => [path, readFileSync(path, 'utf8')])
  .filter(([path, text]) => /\.(c|h|s|py|mak|ts|tsx|js|mjs)$/.test(path) || text.startsWith('#!'));

test('sources state their licence', () => {
  const lacking = sources.filter(
    ([, text]) => !text.includes('SPDX-License-Identifier: GPL-2.0-or-later'),
  );

  expect(sources.length).toBeGreaterThan(50);
  expect(lacking.map(([path]) => path)).toEqual([]);
});

test('LICENSE is the text of version 2 of the GNU General Public License', () => {
  expect(readFileSync('LICENSE', 'utf8')).toMatch(
    /GNU GENERAL PUBLIC LICENSE\s+Version 2, June 1991/,
  );
});
