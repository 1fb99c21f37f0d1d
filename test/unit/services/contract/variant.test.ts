// SPDX-License-Identifier: GPL-2.0-or-later
import { Variant, VariantInFile, VariantRequest } from '#contract/variant.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const broken = (variant: unknown) =>
  (VariantRequest.safeParse(variant).error?.issues ?? []).map(({ path }) => path.join('.'));

test('a plugin requires mode "plugin", and the mode requires a plugin', () => {
  expect(broken({ mode: 'plugin', plugin: 'insn' })).toEqual([]);
  expect(broken({ mode: 'plugin', plugin: DIGEST, arguments: [] })).toEqual([]);
  expect(broken({ mode: 'plugin' })).toEqual(['plugin']);
  expect(broken({ mode: 'none', plugin: 'insn' })).toEqual(['plugin']);
  expect(broken({ mode: 'none', arguments: ['inline=on'] })).toEqual(['arguments']);
  expect(broken({ mode: 'plugin', plugin: 'insn', trace: true })).toEqual(['trace']);
  expect(broken('plugin')).toEqual(['']);
});

test("a plugin that is neither QEMU's own nor an upload is refused, and a job file can name a folder", () => {
  expect(broken({ mode: 'plugin', plugin: '../insn' })).toEqual(['plugin']);
  expect(VariantInFile.safeParse({ mode: 'plugin', plugin: '../insn' }).success).toBe(true);
});

test.each([
  ['inline=on', true],
  ['match=mov rax', true],
  ['limit=', true],
  ['A-b_1=x=y', true],
  ['inline', false],
  ['=on', false],
  ['inline=on,file=/x', false],
  ['a=b\n', false],
  ['a=\u0000', false],
  ['a=é', false],
  ['a=\u007f', false],
  ['file=/x', false],
  ['arg=on', false],
  ['id=x', false],
  ['files=x', true],
  [`a=${'x'.repeat(129)}`, false],
  ['-d=x', false],
])('the argument %j is accepted: %s', (argument, accepted) => {
  expect(broken({ mode: 'plugin', plugin: 'insn', arguments: [argument] })).toEqual(
    accepted ? [] : ['arguments.0'],
  );
});

test('a plan from before plugins existed can be read', () => {
  expect(Variant.parse({ name: 'none', mode: 'none', backend: null, trace: false })).toEqual({
    name: 'none',
    side: 'head',
    mode: 'none',
    backend: null,
    plugin: null,
    arguments: [],
    trace: false,
  });
});
