// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 300_000;

test('scripts and styles of the first page stay below 300 KB, compressed', () => {
  const folder = 'dist/dashboard';
  const page = readFileSync(`${folder}/index.html`, 'utf8');
  const files = [...page.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
  const sizes = files.map((path) => gzipSync(readFileSync(`${folder}${path}`)).length);

  expect(
    files.some((path) => path.endsWith('.js')) && files.some((path) => path.endsWith('.css')),
  ).toBe(true);
  expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(LIMIT_BYTES);
});
