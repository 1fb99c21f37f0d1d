// SPDX-License-Identifier: GPL-2.0-or-later
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const patches = join(process.cwd(), 'qemu/patches');

test('a number names one patch, the same in the series of every version', () => {
  const names = new Set(
    readdirSync(patches).flatMap((version) => readdirSync(join(patches, version))),
  );
  const numbers = [...names].map((name) => name.slice(0, 4));

  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
});
