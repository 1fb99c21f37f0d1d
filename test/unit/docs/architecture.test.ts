// SPDX-License-Identifier: GPL-2.0-or-later
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const text = readFileSync('ARCHITECTURE.md', 'utf8');

/** The rule that eslint.config.js enforces. */
async function importRule(): Promise<Record<string, string[]>> {
  const module = (await import(pathToFileURL(resolve('import-rule.mjs')).href)) as {
    MAY_IMPORT: Record<string, string[]>;
  };
  return module.MAY_IMPORT;
}

/** Rows of the table under "The import rule": a folder in backquotes, then names of folders or "nothing". */
function importTable(): Record<string, string[]> {
  const section = text.split('\n## The import rule\n')[1]!.split('\n## ')[0]!;
  const rows = [...section.matchAll(/^\| `([\w/]+)` \| ([^|]+?) \|/gm)];
  return Object.fromEntries(
    rows.map(([, folder, allowed]) => [
      folder!,
      allowed === 'nothing' ? [] : allowed!.split(', ').map((name) => `services/${name}`),
    ]),
  );
}

const sorted = (rule: Record<string, string[]>) =>
  Object.fromEntries(
    Object.entries(rule).map(([folder, allowed]) => [folder, [...allowed].sort()]),
  );

test('the import table of ARCHITECTURE.md equals the lint rule', async () => {
  expect(sorted(importTable())).toEqual(sorted(await importRule()));
});

test('the import rule covers the worker and every folder of services', async () => {
  const services = readdirSync('services', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `services/${name}`);

  expect(Object.keys(await importRule()).sort()).toEqual([...services, 'worker'].sort());
});

test('ARCHITECTURE.md names every folder of services and worker', () => {
  const folders = ['services', 'worker'].flatMap((parent) =>
    readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${parent}/${name}`),
  );
  const section = text.split('\n## Parts\n')[1]!.split('\n## ')[0]!;
  const named = [...section.matchAll(/^\| `([\w/]+)\/?` \|/gm)].map(([, folder]) => folder!);

  expect(named).toEqual(expect.arrayContaining(folders));
  expect(named.filter((folder) => !existsSync(folder))).toEqual([]);
});

test('unit tests mirror the tree: each folder of theirs names a folder of services or worker', () => {
  const mirrored = ['services', 'worker']
    .flatMap((parent) =>
      readdirSync(join('test/unit', parent), { recursive: true, withFileTypes: true }),
    )
    .filter((entry) => entry.isFile())
    .map(({ parentPath }) => relative('test/unit', parentPath));

  expect(mirrored).toContain('services/domain');
  expect(mirrored.filter((folder) => !existsSync(folder))).toEqual([]);
});
