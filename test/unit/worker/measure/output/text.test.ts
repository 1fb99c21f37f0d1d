// SPDX-License-Identifier: GPL-2.0-or-later
import { isSignedType, isTextType } from '#domain/trace/argument-type.js';
import { parseRunOutput } from '#worker/measure/output/run-output.js';
import { parseRunnerResult } from '#worker/measure/output/runner-result.js';
import { parseTraceEvents, recordedArguments } from '#worker/measure/trace/trace-events.js';

describe('parseTraceEvents', () => {
  test('reads properties, arguments and formats as QEMU writes them', () => {
    const read =
      'memory_region_ops_read(int cpu_index, void *mr, uint64_t addr, uint64_t value, ' +
      'unsigned size, const char *name) ' +
      `"cpu %d mr %p addr 0x%"PRIx64" value 0x%"PRIx64" size %u name '%s'"`;
    const events = parseTraceEvents(`# See docs/devel/tracing.rst for syntax documentation.

# memory.c
${read}
disable vcpu guest_cpu_enter(void)
instrument disable cpu_in(unsigned int addr, char size, unsigned int val) "addr 0x%x(%c) value %u"
a_b (const char* s,size_t  len) "(%s)", "x"
`);
    expect(events).toEqual([
      {
        name: 'memory_region_ops_read',
        properties: [],
        arguments: [
          { type: 'int', name: 'cpu_index' },
          { type: 'void *', name: 'mr' },
          { type: 'uint64_t', name: 'addr' },
          { type: 'uint64_t', name: 'value' },
          { type: 'unsigned', name: 'size' },
          { type: 'const char *', name: 'name' },
        ],
      },
      { name: 'guest_cpu_enter', properties: ['disable', 'vcpu'], arguments: [] },
      {
        name: 'cpu_in',
        properties: ['instrument', 'disable'],
        arguments: [
          { type: 'unsigned int', name: 'addr' },
          { type: 'char', name: 'size' },
          { type: 'unsigned int', name: 'val' },
        ],
      },
      {
        name: 'a_b',
        properties: [],
        arguments: [
          { type: 'const char*', name: 's' },
          { type: 'size_t', name: 'len' },
        ],
      },
    ]);
  });

  test('puts the CPU first in the fields of a vcpu event', () => {
    const [event] = parseTraceEvents('vcpu guest_mem(uint64_t vaddr) ""');
    expect(recordedArguments(event!).map(({ name }) => name)).toEqual(['__cpu', 'vaddr']);
  });

  test.each([
    'no event here',
    'e(int)',
    'e(int a,)',
    'e(int a',
    'e-f(void)',
    'e(void) format',
    `e(${Array.from({ length: 11 }, (_, i) => `int a${i}`).join(', ')})`,
    // The CPU is an argument of its records too.
    `vcpu e(${Array.from({ length: 10 }, (_, i) => `int a${i}`).join(', ')})`,
    'e(void) "\0"',
    '# \0',
  ])('names the line of %s', (line) => {
    expect(() => parseTraceEvents(`# comment\n${line}\n`)).toThrow('trace-events line 2:');
  });

  test('handles a hostile line in bounded time', () => {
    const start = performance.now();
    expect(() => parseTraceEvents(`${'a '.repeat(50_000)}-`)).toThrow(SyntaxError);
    expect(() => parseTraceEvents(`e(${' '.repeat(50_000)}-)`)).toThrow(SyntaxError);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('argument types', () => {
  test('are text where the simple backend writes text', () => {
    expect(['const char *', 'char *', 'const char*', 'char*'].every(isTextType)).toBe(true);
    expect(
      ['char', 'const char **', 'void *', 'const void *', 'unsigned char *'].some(isTextType),
    ).toBe(false);
  });

  test("are signed where C's are", () => {
    expect(
      ['int', 'int64_t', 'ssize_t', 'long', 'char', 'ptrdiff_t', 'signed int'].every(isSignedType),
    ).toBe(true);
    expect(
      [
        'unsigned',
        'unsigned int',
        'uint8_t',
        'uint64_t',
        'size_t',
        'uintptr_t',
        'bool',
        'void *',
        'int *',
      ].some(isSignedType),
    ).toBe(false);
  });
});

describe('parseRunOutput', () => {
  test('tells metrics from event counts and ignores everything else', () => {
    const output = parseRunOutput(
      'SeaBIOS\r\nQIBENCH guest.loop=1.5e3 ns\r\nQIBENCH ' +
        'events.memory_region_ops_write=18446744073709551615 count\r\n+ echo QIBENCH a=1 b\nQIBENCH ' +
        'broken\n',
    );
    expect(output).toEqual({
      metrics: [{ name: 'guest.loop', value: 1500, unit: 'ns' }],
      events: { memory_region_ops_write: '18446744073709551615' },
    });
  });

  test('rejects a number that JSON cannot represent', () => {
    expect(parseRunOutput('QIBENCH a=1e999 ms\n').metrics).toEqual([]);
  });

  test('sums the counts of several processes', () => {
    expect(parseRunOutput('QIBENCH events.e=2 count\nQIBENCH events.e=3 count').events).toEqual({
      e: '5',
    });
  });

  test.each([
    ['result 42QIBENCH a=1 ns\n', [{ name: 'a', value: 1, unit: 'ns' }], null],
    ['login: QIBENCH events.e=7 count\r\n', [], { e: '7' }],
    ['QIBENCH events.e=7 countQIBENCH events.f=1 count', [], { e: '7', f: '1' }],
    ['+ echo QIBENCH a=1 ns\n+ echo "QIBENCH a=1 ns\n', [], null],
  ])('finds a line that follows unfinished output: %j', (text, metrics, events) => {
    expect(parseRunOutput(text)).toEqual({ metrics, events });
  });

  test('counts under any name, as docs/formats.md allows', () => {
    expect(parseRunOutput('QIBENCH events.my-blocks=27455073 count\n')).toEqual({
      metrics: [],
      events: { 'my-blocks': '27455073' },
    });
  });

  test('returns null if nothing was counted', () => {
    expect(parseRunOutput('')).toEqual({ metrics: [], events: null });
    expect(parseRunOutput('QIBENCH events.e=-1 count\n')).toEqual({
      metrics: [{ name: 'events.e', value: -1, unit: 'count' }],
      events: null,
    });
  });

  test('survives hostile names', () => {
    expect(Object.keys(parseRunOutput('QIBENCH events.__proto__=1 count').events!)).toEqual([
      '__proto__',
    ]);
  });
});

describe('parseRunOutput of a plugin variant', () => {
  test.each([
    ['insn', 'cpu 0 insns: 7\ncpu 1 insns: 5\ntotal insns: 12\n', { 'plugin.insns': '12' }],
    ['insn', 'insns: 12\r\ninsns: 3\r\n', { 'plugin.insns': '15' }],
    ['insn', 'done.cpu 0 insns: 7\ncpu 1 insns: 5\ntotal insns: 12\n', { 'plugin.insns': '12' }],
    [
      'mem',
      'mem accesses: 2\nresult 42mem accesses: 40\n.io accesses: 3\n',
      { 'plugin.mem-accesses': '42', 'plugin.io-accesses': '3' },
    ],
    ['bb', "xCPU0: bb's: 3, insns: 9\nyCPU1: bb's: 4, insns: 8\n", { 'plugin.blocks': '7' }],
    ['mem', 'inline mem accesses: 4\ncallback mem accesses: 4\n', { 'plugin.mem-accesses': '8' }],
    [
      'mem',
      'mem accesses: 18446744073709551615\nio accesses: 2\n',
      { 'plugin.mem-accesses': '18446744073709551615', 'plugin.io-accesses': '2' },
    ],
    [
      'bb',
      "Idling CPU0: bb's: 1, insns: 2\nCPU0: bb's: 3, insns: 9\nCPU1: bb's: 4, insns: 8\n",
      { 'plugin.blocks': '7' },
    ],
    ['bb', "CPU0: bb's: 3, insns: 9\nTotal: bb's: 3, insns: 9\n", { 'plugin.blocks': '3' }],
    [
      'hotblocks',
      'collected 2 entries in the hash table\npc, tcount, icount, ecount\n0x0000000000400000, 1, 5, 99\n',
      null,
    ],
  ])('%s: %j are the events %j', (plugin, text, events) => {
    expect(parseRunOutput(text, plugin).events).toEqual(events);
  });

  test('other counts are metrics', () => {
    expect(parseRunOutput("bb's: 3, insns: 9\n", 'bb').metrics).toEqual([
      { name: 'plugin.insns', value: 9, unit: 'count' },
    ]);
    expect(parseRunOutput('collected 2 entries in the hash table\n', 'hotblocks').metrics).toEqual([
      { name: 'plugin.blocks-translated', value: 2, unit: 'count' },
    ]);
  });

  test("output of QEMU's own plugins is ignored under another variant", () => {
    expect(parseRunOutput('insns: 12\n')).toEqual({ metrics: [], events: null });
    expect(parseRunOutput('insns: 12\n', `sha256:${'0'.repeat(64)}`)).toEqual({
      metrics: [],
      events: null,
    });
    expect(parseRunOutput('insns: many\ninsns: 3 or so\n', 'insn')).toEqual({
      metrics: [],
      events: null,
    });
  });
});

describe('parseRunnerResult', () => {
  const state = {
    stat: '',
    pressureCpu: '',
    pressureIo: '',
    pressureMemory: '',
    load: '',
    frequenciesKhz: '',
  };
  const RESULT = {
    schema: 'qibench.run/3',
    wallNs: '5',
    userNs: '4',
    systemNs: '1',
    maxRssBytes: '4096',
    minorFaults: 1,
    majorFaults: 0,
    voluntarySwitches: 0,
    involuntarySwitches: 0,
    exitStatus: 0,
    signal: null,
    timedOut: false,
    outputBytes: 0,
    outputTruncated: false,
    error: null,
    outOfMemory: false,
    forwardedBytes: 0,
    leftBehind: null,
    hostInstructions: null,
    instructionsSkipped: 'perf_event_open: Operation not permitted',
    before: state,
    after: state,
  };

  test('reads a line', () => {
    expect(parseRunnerResult(JSON.stringify(RESULT))).toEqual(RESULT);
  });

  test('shows the text that came instead', () => {
    expect(() => parseRunnerResult('')).toThrow('the runner printed nothing instead of a result');
    expect(() => parseRunnerResult('Segmentation fault')).toThrow('"Segmentation fault"');
    expect(() => parseRunnerResult(JSON.stringify({ ...RESULT, wallNs: 5 }))).toThrow(
      'wrong in "wallNs"',
    );
  });
});
