// SPDX-License-Identifier: GPL-2.0-or-later
import { Qemu, runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  COUNT,
  emulator,
  endless,
  InstrumentedBuilds,
  library,
  memoryGuest,
  portIo,
  versions,
  WRITES,
} from '#support/instrumented-builds.js';

/** Number of lines that qemu/test/api prints in either mode. */
const CHECKS = 24;

describe.each(versions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  const { mounts } = builds;
  beforeAll(() => builds.prepare(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test('dynamic: the whole API, arguments, qi_init and qi_fini', () => {
    const { status, output } = runIn(
      builds.dynamic.image,
      [emulator, ...portIo, ...library('api', 'one', 'two=2')],
      mounts,
    );

    expect([status, output.match(/^CHECK .* FAILED$/gm)]).toEqual([33, null]);
    expect(output.match(/^CHECK .* ok$/gm)).toHaveLength(CHECKS);
    expect(output).toMatch(/^ARGS 2 \[one\] \[two=2\]$/m);
    expect(output).toMatch(/^FINI$/m);
  });

  test(
    'static: the same source, without change',
    async () => {
      const { image } = await builds.build('static', 'api');
      const { status, output } = runIn(image, [emulator, ...portIo], mounts);

      expect([status, output.match(/^CHECK .* FAILED$/gm)]).toEqual([33, null]);
      expect(output.match(/^CHECK .* ok$/gm)).toHaveLength(CHECKS);
      expect(output).toMatch(/^ARGS 0$/m);
      expect(output).toMatch(/^FINI$/m);
      await expectNoCommands(image);
    },
    BUILD_LIMIT_MS,
  );

  test(
    "static: the library is compiled with the target's values, QEMU's headers and flags, and -instr gives it arguments",
    async () => {
      const { image } = await builds.build('static', 'target', ['qemu_anon_ram_alloc']);
      const run = (instr: string) => runIn(image, [emulator, ...portIo, '-instr', instr], mounts);

      expect(run('arg=one,arg=two=2')).toEqual({
        status: 33,
        signal: null,
        output: 'TARGET x86_64 of i386, 16 registers\nARGS 2 [one] [two=2]\n',
      });
      expect(run('file=/libraries/api.so')).toMatchObject({
        status: 1,
        output: expect.stringContaining('its library is linked in and always loaded'),
      });
    },
    BUILD_LIMIT_MS,
  );

  test(
    'static: inlined code of events-post.h traces another event',
    async () => {
      const { image } = await builds.build('static', 'post', ['memory_region_ops_write']);
      const { status, output } = runIn(
        image,
        [emulator, ...portIo, '-trace', 'memory_region_ops_read'],
        mounts,
      );

      expect(status).toBe(33);
      expect(output.match(/memory_region_ops_read/g)!.length).toBeGreaterThanOrEqual(WRITES);
    },
    BUILD_LIMIT_MS,
  );

  test('without a library every callback does nothing', () => {
    expect(runIn(builds.dynamic.image, [emulator, ...portIo], mounts)).toEqual({
      status: 33,
      signal: null,
      output: '',
    });
  });

  test(
    'without instrumentation there is neither option nor command',
    async () => {
      const { image } = await builds.build('none', null);

      const refused = runIn(image, [emulator, ...portIo, ...library('api')], mounts);
      expect(refused).toMatchObject({
        status: 1,
        output: expect.stringContaining(
          '-instr: this QEMU was built without trace instrumentation',
        ),
      });
      await expectNoCommands(image);
    },
    BUILD_LIMIT_MS,
  );

  test.each([
    [
      'a missing file',
      ['-instr', 'file=/none.so'],
      'cannot load instrumentation library: /none.so',
    ],
    ['no file', ['-instr', 'arg=x'], '-instr: file= is missing'],
    [
      'a library twice',
      [...library('api'), ...library('api')],
      "'/libraries/api.so' is already loaded",
    ],
    [
      'two files',
      ['-instr', 'file=/libraries/api.so,file=/libraries/threads.so'],
      'file= is given twice',
    ],
    [
      'an unknown parameter',
      ['-instr', 'file=/libraries/api.so,color=red'],
      "unknown parameter 'color'",
    ],
    [
      'a library without qi_init',
      ['-instr', 'file=/lib/x86_64-linux-gnu/libz.so.1'],
      "'/lib/x86_64-linux-gnu/libz.so.1' has no qi_init()",
    ],
    [
      'a library that refuses',
      library('refuse'),
      '-instr: instrumentation library refuses: not today',
    ],
  ])('-instr with %s ends QEMU with a message', (_, options, message) => {
    const { status, output } = runIn(
      builds.dynamic.image,
      [emulator, ...portIo, ...options],
      mounts,
    );

    expect([status, output]).toEqual([1, expect.stringContaining(message)]);
  });

  describe('with only the event of the examples selected', () => {
    const events = ['qemu_anon_ram_alloc'];

    test(
      "the document's example for dynamic mode builds by its own Makefile and runs as printed",
      async () => {
        const { image, key } = await builds.build('dynamic', null, events);
        await builds.compileFor('document-dynamic', { image, key });
        const { status, output } = runIn(
          image,
          [emulator, ...portIo, ...library('document-dynamic', 'a', 'b')],
          mounts,
        );

        expect(status).toBe(33);
        expect(output).toContain("[exec] instrumenting 'qemu_anon_ram_alloc'\n");
        expect(output).toContain('init!\n    argc :: 2\n            -> a\n            -> b\n');
        expect(output).toMatch(
          /qemu_anon_ram_alloc! \[instrument\]\n(.*:)?qemu_anon_ram_alloc size \d+ ptr 0x/,
        );
        expect(output).toMatch(/fini!\n$/);
      },
      BUILD_LIMIT_MS,
    );

    test(
      "the document's example for static mode builds by its own Makefile and runs as printed",
      async () => {
        const { image } = await builds.build('static', 'document-static', events);
        const { status, output } = runIn(image, [emulator, ...portIo], mounts);

        expect(status).toBe(33);
        expect(output).toContain('init!\n    argc :: 0\n');
        expect(output).toMatch(
          /qemu_anon_ram_alloc! \[instrument\]\n(.*:)?qemu_anon_ram_alloc size \d+ ptr 0x/,
        );
        expect(output).toMatch(/fini!\n$/);
      },
      BUILD_LIMIT_MS,
    );
  });

  test.each([
    ['record', ['memory_region_ops_write'], portIo, { 'record.records': WRITES + 1 }],
    [
      'histogram',
      ['memory_region_ops_write'],
      portIo,
      { 'histogram.memory_region_ops_write.total': WRITES },
    ],
    [
      'cache',
      ['guest_mem_access'],
      memoryGuest,
      { 'cache.accesses': 3 * COUNT, 'cache.misses': 1 },
    ],
  ] as const)(
    'the example %s works in both modes from one source',
    async (name, events, guest, metrics) => {
      const dynamicBuild = await builds.build('dynamic', null, events);
      const staticBuild = await builds.build('static', `../examples/${name}`, events);
      await builds.compileFor(`../examples/${name}`, dynamicBuild);
      const runs = [
        runIn(
          dynamicBuild.image,
          ['env', 'QI_RECORD_FILE=/tmp/record', emulator, ...guest, ...library(name)],
          mounts,
        ),
        runIn(staticBuild.image, ['env', 'QI_RECORD_FILE=/tmp/record', emulator, ...guest], mounts),
      ];

      for (const { status, output } of runs) {
        const printed = Object.fromEntries(
          [...output.matchAll(/^QIBENCH (\S+)=(\d+) /gm)].map(([, metric, value]) => [
            metric,
            Number(value),
          ]),
        );
        expect([status, printed]).toEqual([33, expect.objectContaining(metrics)]);
      }
    },
    BUILD_LIMIT_MS,
  );

  test.each(['dynamic', 'static'] as const)(
    '%s: objects that events point to have names',
    async (mode) => {
      const events = ['memory_region_ops_write', 'blk_co_preadv'];
      const { image, key } = await builds.build(mode, mode === 'static' ? 'objects' : null, events);
      if (mode === 'dynamic') await builds.compileFor('objects', { image, key });
      const qemu = await Qemu.start(
        image,
        [
          emulator,
          ...endless,
          ...['-drive', 'if=none,id=disk,file=null-co://,format=raw'],
          ...(mode === 'dynamic' ? library('objects') : []),
        ],
        mounts,
      );
      await qemu.human('qemu-io disk "read -q 0 512"');
      await qemu.waitForOutput(/^REGION ioport80 at 0x80, memory-region \/machine\/.*ioport80/m);
      await qemu.waitForOutput(/^BACKEND disk$/m);
      expect((await qemu.quit()).status).toBe(0);
    },
    BUILD_LIMIT_MS,
  );

  async function expectNoCommands(image: string): Promise<void> {
    const qemu = await Qemu.start(image, [emulator, ...endless], mounts);
    expect(await qemu.answer('instr-load', { file: '/libraries/api.so' })).toMatchObject({
      error: { class: 'CommandNotFound' },
    });
    const commands = await qemu.do<{ name: string }[]>('query-commands');
    expect(commands.filter(({ name }) => name.startsWith('instr-'))).toEqual([]);
    expect(await qemu.human('instr-load /libraries/api.so')).toContain(
      "unknown command: 'instr-load'",
    );
    expect((await qemu.quit()).status).toBe(0);
  }
});
