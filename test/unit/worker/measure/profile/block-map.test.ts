// SPDX-License-Identifier: GPL-2.0-or-later
import { blockNames } from '#worker/measure/profile/block-map.js';

const MAP = [
  '7f0000001000 10 guest-0x401000',
  '7f0000001010 8 guest-0x401004',
  'not an entry',
  '7f0000002000 20 guest-0x500000',
  '7f0000000000 40 tcg-prologue-buffer',
  '7f0000002000 20 guest-0x600000', // translated again after a flush
].join('\n');

test.each([
  ['the first byte of a block', 0x7f0000001000n, 'guest-0x401000'],
  ['the last byte of a block', 0x7f000000100fn, 'guest-0x401000'],
  ['the next block', 0x7f0000001010n, 'guest-0x401004'],
  ['a gap after a block', 0x7f0000001018n, 'translated code'],
  ["QEMU's prologue", 0x7f0000000004n, 'translated code'],
  ['an address before all blocks', 0x1000n, 'translated code'],
  ['memory that was translated twice', 0x7f0000002008n, 'guest-0x600000'],
])('%s has its name', (_, address, name) => {
  expect(blockNames(MAP)(address)).toBe(name);
});

test('without a map, all code has one name', () => {
  expect(blockNames('')(0x7f0000001000n)).toBe('translated code');
});
