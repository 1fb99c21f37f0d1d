// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';

interface Lock {
  readonly packages: Readonly<Record<string, { integrity?: string }>>;
}

test('npm ci checks the digest of every package', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
  const entries = Object.entries(packages).filter(([path]) => path !== '');

  expect(entries.length).toBeGreaterThan(100);
  expect(
    entries
      .filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'))
      .map(([path]) => path),
  ).toEqual([]);
});
