// SPDX-License-Identifier: GPL-2.0-or-later
import { complaints } from '#worker/build/compiler-messages.js';

const COMPILER = '/work/instrumentation/instrument.c:7:8: error: expected ‘;’ before ‘}’ token';
const MAKE = 'make: *** [Makefile:3: all] Error 1';

test("the compiler's message precedes make's failed recipe, in any order of output", () => {
  const expected = [
    { path: 'instrument.c:7', message: 'expected ‘;’ before ‘}’ token' },
    { path: 'Makefile:3', message: 'all] Error 1' },
  ];
  expect(complaints([COMPILER, MAKE], 'instrumentation')).toEqual(expected);
  expect(complaints([MAKE, COMPILER], 'instrumentation')).toEqual(expected);
});

test("compiler messages about files outside the folder are not the user's", () => {
  expect(
    complaints(
      ['/usr/include/stdio.h:1:1: error: x', '../src/trace/control.c:9: error: y'],
      'instrumentation',
    ),
  ).toEqual([]);
});
