// SPDX-License-Identifier: GPL-2.0-or-later
import { argumentTexts, type Declaration } from '#contract/argument-text.js';

/** Declares an event as trace-events does: its arguments as `type name`. */
const declared = (format: string | null, ...texts: string[]): Declaration => ({
  format,
  arguments: texts.map((text) => {
    const [, type, name] = /^(.*?)(\w+)$/.exec(text)!;
    return { type: type!.trim(), name: name! };
  }),
});
/** Formats one argument. */
const formatted = (format: string | null, argument: string, value: string): string => {
  const declaration = declared(format, argument);
  return argumentTexts(declaration, { [declaration.arguments[0]!.name]: value })[0]![1];
};

test('the format of the event decides: hexadecimal, decimal or text', () => {
  const read = declared(
    `"cpu %d mr %p addr 0x%"PRIx64" value 0x%"PRIx64" size %u name '%s'"`,
    'int cpu_index',
    'void *mr',
    'uint64_t addr',
    'uint64_t value',
    'unsigned size',
    'const char *name',
  );
  expect(
    argumentTexts(read, {
      cpu_index: '-1',
      mr: '93875122830768',
      addr: '1016',
      value: '255',
      size: '4',
      name: '1234',
    }),
  ).toEqual([
    ['cpu_index', '-1'],
    ['mr', '0x556101597db0'],
    ['addr', '0x3f8'],
    ['value', '0xff'],
    ['size', '4'],
    ['name', '1234'],
  ]);
});

test.each([
  ['"%04x"', 'uint16_t port', '10', '0x000a'],
  ['"%#06x"', 'uint16_t port', '10', '0x000a'],
  ['"0x%016" PRIx64', 'uint64_t mask', '1', '0x0000000000000001'],
  ['"0x%.8x"', 'uint32_t mask', '1', '0x00000001'],
  ['"%X"', 'uint32_t mask', '48879', '0xBEEF'],
  ['"%-8x"', 'uint32_t mask', '10', '0xa'],
  ['"0%o"', 'uint32_t mode', '420', '0644'],
  ['"100 %% of %u"', 'uint32_t count', '16', '16'],
  ['"%0999999x"', 'uint32_t mask', '1', '0x0000000000000001'],
])('base and zeros follow the conversion (%#)', (format, argument, value, text) => {
  expect(formatted(format, argument, value)).toBe(text);
});

test.each([
  ['int value', '-1', '0xffffffff'],
  ['int64_t value', '-1', '0xffffffffffffffff'],
  ['long value', '-2', '0xfffffffffffffffe'],
  ['int16_t value', '-1', '0xffff'],
  ['int8_t value', '-1', '0xff'],
])('a negative %s in hexadecimal shows the bits of its type', (argument, value, text) => {
  expect(formatted('"%x"', argument, value)).toBe(text);
});

test.each([
  ['void *opaque', '16', '0x10'],
  ['hwaddr at', '16', '0x10'],
  ['uint64_t addr', '16', '0x10'],
  ['uint64_t vaddr', '16', '0x10'],
  ['uint32_t base_address', '16', '0x10'],
  ['uint64_t ring_ptr', '16', '0x10'],
  ['int addr', '-1', '-1'],
  ['uint64_t value', '16', '16'],
  ['const char *addr', '16', '16'],
])('without a format, %s shows %s as %s', (argument, value, text) => {
  expect(formatted(null, argument, value)).toBe(text);
});

test('pointers and addresses are hexadecimal with a decimal format, too', () => {
  expect([
    formatted('"%"PRIu64', 'uint64_t addr', '16'),
    formatted('"%"PRIu64', 'void *state', '16'),
    formatted('"%"PRIu64', 'uint64_t count', '16'),
  ]).toEqual(['0x10', '0x10', '16']);
});

test('a width from an argument takes that argument', () => {
  const declaration = declared('"%.*s at %x"', 'int length', 'const char *text', 'unsigned place');
  expect(argumentTexts(declaration, { length: '3', text: 'abc', place: '255' })).toEqual([
    ['length', '3'],
    ['text', 'abc'],
    ['place', '0xff'],
  ]);
});

test('the implicit first argument of a vcpu event takes no conversion', () => {
  const declaration = declared('"info %x"', 'void *__cpu', 'unsigned info');
  expect(argumentTexts(declaration, { __cpu: '4096', info: '10' })).toEqual([
    ['__cpu', '0x1000'],
    ['info', '0xa'],
  ]);
});

test.each([
  ['with fewer conversions than arguments', '"%x"'],
  ['with an unknown macro', '"%"SOME_MACRO" %x"'],
  ['that is not C', 'nonsense'],
])('a format %s is ignored', (_, format) => {
  const declaration = declared(format, 'uint64_t addr', 'unsigned value');
  expect(argumentTexts(declaration, { addr: '16', value: '16' })).toEqual([
    ['addr', '0x10'],
    ['value', '16'],
  ]);
});

test('an undeclared argument is shown as it is', () => {
  expect(argumentTexts(declared(null), { addr: '16' })).toEqual([['addr', '16']]);
});
