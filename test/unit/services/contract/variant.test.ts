// SPDX-License-Identifier: GPL-2.0-or-later
import { Variant, VariantInFile, variantName, VariantRequest } from '#contract/variant.js';

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

test('only a backend can record or not, and a trace is stored of simple where it records', () => {
  for (const backend of ['simple', 'log', 'ust', 'dtrace', 'ftrace', 'syslog'])
    expect(broken({ mode: 'backend', backend, record: false })).toEqual([]);
  expect(broken({ mode: 'dynamic', record: false })).toEqual(['record']);
  expect(broken({ mode: 'idle', record: true })).toEqual(['record']);
  expect(broken({ mode: 'backend', backend: 'simple', trace: true })).toEqual([]);
  expect(broken({ mode: 'backend', backend: 'simple', trace: true, record: false })).toEqual([
    'trace',
  ]);
  expect(broken({ mode: 'backend', backend: 'ust', trace: true })).toEqual(['trace']);
  expect(VariantRequest.safeParse({ mode: 'backend', backend: 'stderr' }).success).toBe(false);
});

test('the name of a backend variant tells the backend, and whether it records', () => {
  const named = (more: object) =>
    variantName({ mode: 'backend', backend: 'ust', trace: false, ...more });

  expect([named({}), named({ record: true }), named({ record: false })]).toEqual([
    'backend-ust',
    'backend-ust',
    'backend-ust-idle',
  ]);
  expect(named({ record: false, name: 'probes' })).toBe('probes');
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
