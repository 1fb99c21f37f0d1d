// SPDX-License-Identifier: GPL-2.0-or-later
import { compactProfile } from '#domain/profile/compact.js';
import { TRANSLATED_CODE, sourcePath, type CallGraph } from '#domain/profile/call-graph.js';

const QEMU = '/opt/qemu/bin/qemu-system-x86_64';

/** A function by its name, file, own cost and object. */
type Given = [name: string, file: string, self: number, object?: string];

/** A graph of functions and of calls by name. */
function graphOf(
  functions: readonly Given[],
  calls: readonly [caller: string, callee: string, cost: number][],
  inlined: Readonly<Record<string, [file: string, self: number]>> = {},
): CallGraph {
  const index = (name: string) => functions.findIndex(([one]) => one === name);
  return {
    functions: functions.map(([name, file, self, object = QEMU]) => ({
      name,
      file,
      object,
      pieces: [
        { file, lines: [{ line: 1, self }] },
        ...(inlined[name] === undefined
          ? []
          : [{ file: inlined[name][0], lines: [{ line: 9, self: inlined[name][1] }] }]),
      ],
    })),
    calls: calls.map(([caller, callee, cost]) => ({
      caller: index(caller),
      callee: index(callee),
      cost,
    })),
  };
}

const partsOf = (graph: CallGraph) =>
  Object.fromEntries(
    compactProfile(graph)
      .split.filter(({ self }) => self > 0)
      .map(({ part, self }) => [part, self]),
  );

test.each<[string, Given]>([
  ['translation', ['tb_gen_code', '../src/accel/tcg/translate-all.c', 10]],
  ['translation', ['tcg_optimize', '/qemu/build/../src/tcg/optimize.c', 10]],
  ['translation', ['disas_insn', '../src/target/i386/tcg/translate.c', 10]],
  ['translated-code', [TRANSLATED_CODE, '', 10, '']],
  ['translated-code', ['guest-0x401000', '', 10, '']],
  ['execution-loop', ['cpu_exec', '../src/accel/tcg/cpu-exec.c', 10]],
  ['helpers', ['helper_divl_EAX', '../src/target/i386/tcg/int_helper.c', 10]],
  ['helpers', ['load_helper', '../src/accel/tcg/cputlb.c', 10]],
  ['devices', ['serial_ioport_write', '../src/hw/char/serial.c', 10]],
  ['devices', ['memory_region_write_accessor', '../src/softmmu/memory.c', 10]],
  ['devices', ['do_syscall', '../src/linux-user/syscall.c', 10]],
  ['instrumentation', ['qi_event_x', '', 10, '/instrumentation/libtrace-instrument.so']],
  ['instrumentation', ['count_new_thread', '/qemu/instrumentation/instrument.c', 10]],
  ['trace-backend', ['st_write_event_to_buffer', '../src/trace/simple.c', 10]],
  ['memory-and-locks', ['malloc', '', 10, '/lib/x86_64-linux-gnu/libc.so.6']],
  ['memory-and-locks', ['qemu_mutex_lock_impl', '../src/util/qemu-thread-posix.c', 10]],
  ['idle', ['ppoll', '', 10, '/lib/x86_64-linux-gnu/libc.so.6']],
])('while the guest runs, %s has the cost of %p', (part, given) => {
  const graph = graphOf(
    [['main', '../src/softmmu/main.c', 1], ['cpu_exec', '../src/accel/tcg/cpu-exec.c', 0], given],
    [
      ['main', 'cpu_exec', 10],
      ['cpu_exec', given[0], 10],
    ],
  );

  expect(partsOf(graph)).toEqual({ 'start-up': 1, [part]: 10 });
});

test('before the guest runs, device models and memory belong to the start', () => {
  const graph = graphOf(
    [
      ['main', '../src/softmmu/main.c', 1],
      ['serial_realize', '../src/hw/char/serial.c', 10],
      ['malloc', '', 5],
    ],
    [
      ['main', 'serial_realize', 15],
      ['serial_realize', 'malloc', 5],
    ],
  );

  expect(partsOf(graph)).toEqual({ 'start-up': 16 });
});

test('a function without a rule belongs to its callers, by the cost of their calls', () => {
  const graph = graphOf(
    [
      ['cpu_exec', '../src/accel/tcg/cpu-exec.c', 0],
      ['tb_gen_code', '../src/accel/tcg/translate-all.c', 1],
      ['serial_write', '../src/hw/char/serial.c', 1],
      ['memcpy', '', 1_000],
      ['memcpy_part', '', 100],
    ],
    [
      ['cpu_exec', 'tb_gen_code', 900],
      ['cpu_exec', 'serial_write', 301],
      ['tb_gen_code', 'memcpy', 799],
      ['serial_write', 'memcpy', 199],
      ['memcpy', 'memcpy_part', 100],
    ],
  );

  expect(partsOf(graph)).toEqual({ translation: 881, devices: 221 });
  expect(
    compactProfile(graph)
      .functions.filter(({ name }) => name === 'memcpy')
      .map(({ part, self }) => `${part} ${self}`),
  ).toEqual(['translation 800', 'devices 200']);
});

test('the inlined code of a callback is of the instrumentation, other headers are of their function', () => {
  const inlined = (file: string) =>
    partsOf(
      graphOf(
        [
          ['cpu_exec', '../src/accel/tcg/cpu-exec.c', 0],
          ['memory_region_write', '../src/softmmu/memory.c', 50],
        ],
        [['cpu_exec', 'memory_region_write', 57]],
        { memory_region_write: [file, 7] },
      ),
    );

  expect(inlined('/qemu/instrumentation/count.h')).toEqual({ devices: 50, instrumentation: 7 });
  expect(inlined('trace/trace-softmmu.h')).toEqual({ devices: 50, 'trace-backend': 7 });
  expect(inlined('../src/include/qemu/bswap.h')).toEqual({ devices: 57 });
});

test('copies of a function that the compiler made are one function', () => {
  const graph = graphOf(
    [
      ['tb_gen_code', '../src/accel/tcg/translate-all.c', 10],
      ['tb_gen_code.constprop.0', '../src/accel/tcg/translate-all.c', 5],
    ],
    [],
  );

  expect(compactProfile(graph).functions).toEqual([
    {
      name: 'tb_gen_code',
      object: 'qemu-system-x86_64',
      file: 'accel/tcg/translate-all.c',
      part: 'translation',
      self: 15,
      lines: [{ line: 1, self: 15 }],
    },
  ]);
});

test('functions, listed or omitted, add up to the total; so do the frames of the tree', () => {
  const many = Array.from({ length: 3_000 }, (_, index): Given => [
    `helper_${index}`,
    '../src/target/x.c',
    1 + (index % 7) ** 6,
  ]);
  const costs = many.map(([, , self]) => self);
  const total = costs.reduce((sum, self) => sum + self, 0);
  const graph = graphOf(
    [['cpu_exec', '../src/accel/tcg/cpu-exec.c', 0], ...many],
    many.map(([name, , self]) => ['cpu_exec', name, self]),
  );

  const { functions, omitted, split, tree, ...profile } = compactProfile(graph);
  const sum = (list: readonly { self: number }[]) => list.reduce((all, { self }) => all + self, 0);
  expect(profile.total).toBe(total);
  expect(functions.length).toBeLessThanOrEqual(1_000);
  expect(sum(functions) + sum(omitted)).toBe(total);
  expect(sum(split)).toBe(total);
  expect(sum(tree)).toBe(total);
});

test('a frame is under its caller, and recursion adds no frame', () => {
  const graph = graphOf(
    [
      ['main', '../src/linux-user/main.c', 10],
      ['cpu_loop', '../src/linux-user/x86_64/cpu_loop.c', 20],
      ['helper_a', '../src/target/x.c', 70],
    ],
    [
      ['main', 'cpu_loop', 90],
      ['cpu_loop', 'helper_a', 70],
      ['helper_a', 'helper_a', 30],
    ],
  );

  expect(compactProfile(graph).tree).toEqual([
    { parent: -1, name: 'main', part: 'start-up', self: 10 },
    { parent: 0, name: 'cpu_loop', part: 'execution-loop', self: 20 },
    { parent: 1, name: 'helper_a', part: 'helpers', self: 70 },
  ]);
});

test.each([
  ['../src/accel/tcg/cpu-exec.c', 'accel/tcg/cpu-exec.c'],
  ['/qemu/build/../src/hw/char/serial.c', 'hw/char/serial.c'],
  ['/qemu/src/include/qemu/bswap.h', 'include/qemu/bswap.h'],
  ['/qemu/build/trace/trace-hw_char.h', 'trace/trace-hw_char.h'],
  ['trace/trace-hw_char.h', 'trace/trace-hw_char.h'],
  ['/qemu/instrumentation/count.h', 'instrumentation/count.h'],
  ['./instrument.c', 'instrument.c'],
  ['/usr/include/string.h', '/usr/include/string.h'],
])('the source path %s is %s', (path, shown) => {
  expect(sourcePath(path)).toBe(shown);
});
