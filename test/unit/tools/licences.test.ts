// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { incompatible, licencesPage, licensedPackages } from '#tools/licences.js';

const packages = licensedPackages(process.cwd());

test('every package has a licence that is compatible with ours', () => {
  expect(incompatible(packages)).toEqual([]);
  expect(
    incompatible([{ name: 'x', version: '1', licence: 'SSPL-1.0', development: false }]),
  ).toHaveLength(1);
});

test('docs/licences.md is up to date', () => {
  expect(readFileSync('docs/licences.md', 'utf8')).toBe(licencesPage(packages));
});
