// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { isTranslated, type CallGraph } from '#domain/profile/call-graph.js';
import { parseCallgrind, ProfileFormatError } from '#worker/measure/profile/callgrind-file.js';

const HEAD = 'version: 1\npositions: line\nevents: Ir\nsummary: 100\n\n';

/** Example of the format's description, with names written once and relative positions. */
const FILE = `${HEAD}
ob=(1) /opt/qemu/bin/qemu
fl=(1) ../src/main.c
fn=(1) main
16 20
cfn=(2) func1
calls=1 50
+0 400
cob=(2) /lib/libc.so.6
cfi=(3) ???
cfn=(3) memcpy
calls=2 -4
* 80

fn=(2)
+35 100
fi=(2) ../src/inline.h
7 11
fe=(1)
-1 5
cfn=(2)
calls=3 51
52 300

ob=(2)
fl=(3)
fn=(3)
0 80

totals: 1000
`;

const functionOf = ({ functions }: CallGraph, name: string) =>
  functions.find((one) => one.name === name)!;
const selfOf = (graph: CallGraph, name: string) =>
  Object.fromEntries(
    functionOf(graph, name).pieces.map(({ file, lines }) => [
      file,
      lines.map(({ line, self }) => `${line}: ${self}`),
    ]),
  );
const callsOf = ({ functions, calls }: CallGraph) =>
  calls.map(
    ({ caller, callee, cost }) =>
      `${functions[caller]!.name} → ${functions[callee]!.name}: ${cost}`,
  );
const totalOf = ({ functions }: CallGraph) =>
  functions
    .flatMap(({ pieces }) => pieces.flatMap(({ lines }) => lines))
    .reduce((sum, { self }) => sum + self, 0);

test('costs belong to the function and to the file of their line, inlined code to its header', () => {
  const graph = parseCallgrind(FILE);

  expect(selfOf(graph, 'main')).toEqual({ '../src/main.c': ['16: 20'] });
  expect(selfOf(graph, 'func1')).toEqual({
    '../src/main.c': ['51: 100', '6: 5'],
    '../src/inline.h': ['7: 11'],
  });
  expect(functionOf(graph, 'memcpy')).toMatchObject({ object: '/lib/libc.so.6', file: '' });
});

test('a function begins in the file that was named last for a function', () => {
  const file = `${HEAD}fl=(1) a.c\nfn=(1) f\n1 2\nfi=(2) b.h\n3 4\n\nfn=(2) g\n5 6\n`;

  expect(selfOf(parseCallgrind(file), 'g')).toEqual({ 'a.c': ['5: 6'] });
});

test('the cost of a call is not the own cost of its caller', () => {
  expect(callsOf(parseCallgrind(FILE))).toEqual([
    'main → func1: 400',
    'main → memcpy: 80',
    'func1 → func1: 300',
  ]);
});

/** Code without symbols at two addresses: the first runs 20 instructions a call, the second 2. */
const UNKNOWN = `${HEAD}ob=(1) ???
fl=(1) ???
fn=(1) 0x00007f0000000100
0 60

fn=(2) 0x0000000000240358
0 6

ob=(2) /opt/qemu/bin/qemu
fn=(3) cpu_tb_exec
0 1
cob=(1)
cfn=(1)
calls=3 0
0 60
cob=(1)
cfn=(2)
calls=3 0
0 6
`;

test('code without symbols is translated code, unless it is as short as a trampoline', () => {
  const { functions } = parseCallgrind(UNKNOWN);

  expect(functions.map(({ name }) => name)).toEqual([
    'translated code',
    'trampoline',
    'cpu_tb_exec',
  ]);
  expect(functions.map(isTranslated)).toEqual([true, false, false]);
});

test('translated code has the names of its blocks where the file has addresses', () => {
  const file = `positions: instr line
events: Ir

ob=(1) ???
fl=(1) ???
fn=(1) 0x00007f0000000100
0x7f0000000100 0 17
+100 * 30
-10 0 3
* 0 2
ob=(2) /opt/qemu/bin/qemu
fn=(2) cpu_tb_exec
0x1000 12 4
cob=(1)
cfn=(1)
calls=1 0x7f0000000100 0
+4 +1 52
`;
  const graph = parseCallgrind(file, (address) =>
    address < 0x7f0000000164n ? 'translated code' : 'guest-0x401000',
  );

  expect(
    graph.functions.map(({ name, pieces }) => [name, pieces.flatMap(({ lines }) => lines)]),
  ).toEqual([
    ['translated code', [{ line: 0, self: 22 }]],
    ['cpu_tb_exec', [{ line: 12, self: 4 }]],
    ['guest-0x401000', [{ line: 0, self: 30 }]],
  ]);
  expect(callsOf(graph)).toEqual([
    'cpu_tb_exec → translated code: 52',
    'translated code → guest-0x401000: 30',
  ]);
});

test.each([
  ['nothing', '', 'lacks the line'],
  ['other events', 'positions: line\nevents: Ir Dr\n', 'unknown kind'],
  ['other positions', 'positions: instr\nevents: Ir\n', 'unknown kind'],
  ['a cost outside of a function', `${HEAD}1 2\n`, 'without a position'],
  ['a cost without a number', `${HEAD}fn=(1) f\n1 many\n`, 'without a position'],
  ['a name that was never given', `${HEAD}fn=(9)\n1 2\n`, 'is unknown'],
  ['a call without a callee', `${HEAD}fn=(1) f\ncalls=1 2\n1 2\n`, 'without a callee'],
])('%s is refused', (_, text, reason) => {
  expect(() => parseCallgrind(text)).toThrow(ProfileFormatError);
  expect(() => parseCallgrind(text)).toThrow(reason);
});

test('control characters of a name are replaced, which the store could not keep', () => {
  expect(parseCallgrind(`${HEAD}fn=(1) a\0b\n1 2\n`).functions[0]!.name).toBe('a?b');
});

describe('a file of valgrind', () => {
  test("adds up to valgrind's own total and to callgrind_annotate's functions", async () => {
    const read = (name: string) => readFile(`test/fixtures/callgrind/${name}`, 'utf8');
    const text = await read('fixture.out');
    const graph = parseCallgrind(text);

    expect(totalOf(graph)).toBe(Number(/^summary: (\d+)$/m.exec(text)![1]));
    const annotated = new Map<string, number>();
    for (const [, cost, name] of (await read('fixture.annotate.txt')).matchAll(
      /^ *([\d,]+) \([ \d.]+%\) {2}\S*:(?!0x)([\w.]+)(?:'\d+)?(?: \[.*\])?$/gm,
    ))
      annotated.set(name!, (annotated.get(name!) ?? 0) + Number(cost!.replaceAll(',', '')));
    expect([...annotated.keys()]).toEqual(expect.arrayContaining(['recursive', 'copying', 'main']));
    const own = new Map<string, number>();
    for (const { name, pieces } of graph.functions)
      for (const { lines } of pieces)
        for (const { self } of lines) own.set(name, (own.get(name) ?? 0) + self);
    for (const [name, cost] of annotated) expect([name, own.get(name)]).toEqual([name, cost]);
  });
});
