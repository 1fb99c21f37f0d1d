// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import {
  functionCodes,
  hotTracePoints,
  tracePointCodes,
} from '#domain/profile/trace-point-code.js';
import { parseObjdump } from '#worker/measure/profile/objdump.js';
import { newProfile, profileFunction } from '#support/profile.js';

const read = (name: string) => readFile(`test/fixtures/objdump/${name}`, 'utf8');
const functions = parseObjdump(await read('example.objdump.txt'));

test('functions have the sizes that nm shows', async () => {
  const sizes = (await read('example.nm.txt'))
    .trim()
    .split('\n')
    .map((line) => /^\w+ (\w+) T (\w+)$/.exec(line)!)
    .map(([, size, name]) => [name, Number.parseInt(size!, 16)]);

  expect(
    functionCodes(functions)
      .map(({ name, bytes }) => [name, bytes])
      .sort(),
  ).toEqual(sizes.sort());
});

test('a trace point is called or inlined, with the instructions on its fast path', () => {
  const points = tracePointCodes(functions, ['dynamic', 'static', 'unused']);

  expect(points.map(({ listing: _, ...point }) => point)).toEqual([
    {
      event: 'dynamic',
      function: 'write_dynamic',
      callback: 'called',
      // mov, test, jne; then the call behind the return of the function
      instructions: 3,
      bytes: 12,
      slowBytes: 10,
    },
    {
      event: 'static',
      function: 'write_static',
      callback: 'inlined',
      instructions: 1,
      bytes: 7,
      slowBytes: 0,
    },
  ]);
});

test('a listing has the source of every instruction, and marks the trace point', () => {
  const [dynamic] = tracePointCodes(functions, ['dynamic']);

  expect(dynamic!.listing.slice(0, 4)).toEqual([
    {
      offset: 0,
      bytes: 7,
      text: 'mov 0x2eb9(%rip),%rax # 4020 <qi_callback_dynamic>',
      source: 'trace/trace-example.h:12',
      own: true,
    },
    { offset: 7, bytes: 3, text: 'test %rax,%rax', source: 'trace/trace-example.h:12', own: true },
    {
      offset: 10,
      bytes: 2,
      text: 'jne 1178 <write_dynamic+0x18>',
      source: 'trace/trace-example.h:12',
      own: true,
    },
    { offset: 12, bytes: 2, text: 'mov %edi,%eax', source: 'example.c:14', own: false },
  ]);
});

test('registers that a function saves around a callback are counted', () => {
  const stores = Object.fromEntries(
    functionCodes(functions).map(({ name, stackStores }) => [name, stackStores]),
  );

  // two arguments are needed after the call
  expect(stores).toEqual({ write_dynamic: 2, write_static: 0, write_none: 0 });
});

test('the hot functions with trace points are found in all profiles together', () => {
  const traced = (name: string, self: number) =>
    profileFunction({ name, self, file: 'trace/trace-hw_char.h', part: 'trace-backend' });

  expect(
    hotTracePoints(
      [
        newProfile([traced('cold', 1), traced('hot', 50), profileFunction({ name: 'other' })]),
        newProfile([traced('cold', 20), { ...traced('library', 90), object: 'plugin.so' }]),
      ],
      'qemu-system-x86_64',
    ),
  ).toEqual(['hot', 'cold']);
});

test('lines of another form are skipped', () => {
  expect(parseObjdump('hello\n  1160:\t48 85 c0 \ttest   %rax,%rax\n0000 <f>:\n')).toEqual([]);
});
