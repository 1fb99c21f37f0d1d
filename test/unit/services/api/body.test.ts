// SPDX-License-Identifier: GPL-2.0-or-later
import { jsonExcess } from '#api/body.js';

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
])('%s has excess %j', (text, excess) => {
  expect(jsonExcess(text, LIMITS)).toBe(excess);
});
