// SPDX-License-Identifier: GPL-2.0-or-later
// Writes docs/licences.md from package-lock.json and the installed packages:
//   npm run licences
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Licences compatible with GPL-2.0-or-later. Apache-2.0 and CC-BY-4.0 require its version 3, which
 * "or later" allows: the installed whole is under GPL-3.0-or-later.
 */
const COMPATIBLE = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'MPL-2.0',
  'BlueOak-1.0.0',
  'Python-2.0',
  'CC0-1.0',
  'CC-BY-4.0',
  'Unlicense',
  'MIT and ISC',
  '(MIT OR Apache-2.0)',
  '(MIT OR CC0-1.0)',
  '(MIT AND Zlib)',
  'Zlib',
  'WTFPL',
]);

/** Packages under another licence, and the reason why they are allowed. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  elkjs:
    'comes with the `prisma` command, whose browser it lays out diagrams in; no part of ' +
    'qibench loads or ships it',
  '@cspell/dict-en-common-misspellings':
    'is a word list (CC BY-SA 4.0) that the spell check of the sources reads; no part of ' +
    'qibench loads or ships it',
};

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Only needed to build and test. */
  readonly development: boolean;
}

/** Returns every package of the lock file. */
export function licensedPackages(rootDir: string): Licensed[] {
  const { packages } = JSON.parse(readFileSync(join(rootDir, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, locked]) => ({
      name: path.replace(/^.*node_modules\//, ''),
      version: locked.version ?? '',
      licence: locked.license ?? declared(join(rootDir, path)),
      development: locked.dev === true || locked.devOptional === true,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
}

/**
 * Returns the licence declared by a package. Older packages declare a list, which the lock file
 * omits; packages for other systems are not installed.
 */
function declared(folder: string): string {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return 'unknown';
  const { license, licenses } = JSON.parse(readFileSync(file, 'utf8')) as {
    license?: string | { type: string };
    licenses?: { type: string }[];
  };
  if (typeof license === 'string') return license;
  const text = ['LICENSE', 'LICENSE.md']
    .map((name) => join(folder, name))
    .filter(existsSync)
    .map((path) => readFileSync(path, 'utf8'))
    .join();
  const fromText = text.includes(
    'Permission is hereby granted, free of charge, to any person obtaining',
  )
    ? 'MIT'
    : 'unknown';
  return license?.type ?? licenses?.map(({ type }) => type).join(' and ') ?? fromText;
}

/** Returns the packages with an incompatible licence. */
export function incompatible(packages: readonly Licensed[]): Licensed[] {
  return packages.filter(({ name, licence }) => !COMPATIBLE.has(licence) && !(name in EXCEPTIONS));
}

/** Returns the text of docs/licences.md. */
export function licencesPage(packages: readonly Licensed[]): string {
  const section = (title: string, listed: readonly Licensed[]): string[] => {
    const byLicence = new Map<string, Licensed[]>();
    for (const item of listed)
      byLicence.set(item.licence, [...(byLicence.get(item.licence) ?? []), item]);
    const rows = [...byLicence]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([licence, members]) =>
          `| ${licence} | ${members.map(({ name, version }) => `${name} ${version}`).join(', ')} |`,
      );
    return [`## ${title}`, '', '| licence | packages |', '|---|---|', ...rows, ''];
  };
  return [
    '# Licences of the packages',
    '',
    'Made by `npm run licences` from package-lock.json; a unit test checks that it is ' +
      "current and that every licence may be combined with GPL-2.0-or-later, qibench's own. " +
      'Apache-2.0 and CC-BY-4.0 may be with version 3 of it only: what is installed together ' +
      'is under GPL-3.0-or-later.',
    '',
    ...Object.entries(EXCEPTIONS).map(
      ([name, reason]) => `\`${name}\`, under another licence, ${reason}.`,
    ),
    '',
    ...section(
      'At run time',
      packages.filter(({ development }) => !development),
    ),
    ...section(
      'To build and test',
      packages.filter(({ development }) => development),
    ),
  ].join('\n');
}

if (process.argv[1]?.endsWith('licences.js'))
  writeFileSync('docs/licences.md', licencesPage(licensedPackages(process.cwd())));
