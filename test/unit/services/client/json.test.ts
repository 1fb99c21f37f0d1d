// SPDX-License-Identifier: GPL-2.0-or-later
import { jsonFault, parseJson } from '#client/json.js';

const LIMITS = { depth: 3, fields: 2 };
const DEEP = 'is nested more than 3 levels deep';
const WIDE = 'has an object with more than 2 fields';

test.each([
  ['{}', null],
  ['[[[]]]', null],
  ['[[[[]]]]', DEEP],
  ['{"a":{"b":{"c":{}}}}', DEEP],
  ['[[],[],[],[],[[]]]', null],
  ['{"a":1,"b":2}', null],
  ['{"a":1,"b":2,"c":3}', WIDE],
  ['{"a":{"b":1,"c":2},"d":{"e":1,"f":2}}', null],
  ['{"a":{"b":1,"c":2,"d":3}}', WIDE],
  ['[{"a":1,"b":2},{"a":1,"b":2}]', null],
  ['{"a":[1,2,3,4,5]}', null],
  ['{"a":"[[[[[","b":":::::"}', null],
  ['{"a":"\\"[[[[","b":"\\\\"}', null],
  ['{"a":"unfinished [[[[', null],
  [']]]]{"a":1}', null],
])('within limits, %s has the fault %j', (text, fault) => {
  expect(jsonFault(text, LIMITS)).toBe(fault);
});

test.each([
  ['{"a":1,"a":1}', 'has the key "a" twice'],
  ['{"a":{"b":1,"c":[],"b":2}}', 'has the key "b" twice'],
  ['[1,{"a":{"a":{}},"b":"a","a":0}]', 'has the key "a" twice'],
  ['{"a":1,"\\u0061":2}', 'has the key "a" twice'],
  ['{"a\\"b":1, "a\\"b" : 2}', 'has the key "a\\"b" twice'],
  ['{"":1,"":2}', 'has the key "" twice'],
  ['{"__proto__":1,"__proto__":2}', 'has the key "__proto__" twice'],
  [`{"${'k'.repeat(200)}":1,"${'k'.repeat(200)}":2}`, `has the key "${'k'.repeat(100)}" twice`],
  ['[{"a":1},{"a":2}]', null],
  ['{"a":{"a":{"a":1}}}', null],
  ['{"a":"a","b":"b","A":1}', null],
  ['{"a":["a:","b:",":a"],"b":"\\":"}', null],
])('without limits, %s has the fault %j', (text, fault) => {
  expect(JSON.parse(text)).toBeDefined();
  expect(jsonFault(text)).toBe(fault);
});

test('a file is parsed unless it is empty, repeats a key or is not UTF-8', () => {
  expect(parseJson(Buffer.from('\ufeff{"a":[1]}'))).toEqual({ a: [1] });
  expect(() => parseJson(Buffer.from(' \n'))).toThrow('the file is empty');
  expect(() => parseJson(Buffer.from('{"a":1,"a":2}'))).toThrow('the file has the key "a" twice');
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('the file is not UTF-8 text');
});
