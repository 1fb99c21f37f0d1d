import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Variant } from '#contract/variant.js';
import type { Build } from '#contract/build.js';
import { compileInstrumentation } from '#worker/build/instrumentation.js';
import { digestOfFolder } from '#worker/build/digest.js';
import { compilePlugin } from '#worker/build/plugin.js';
import { readFolder, type UploadedFolder } from '#worker/build/tar.js';
import { ensureTree } from '#worker/build/tree.js';
import { buildVariant, type VariantInputs } from '#worker/build/variant.js';
import { pluginCounts } from '#worker/measure/output/plugin-output.js';
import { ensureRunner, ensureToolchain } from '#worker/build/images.js';
import { ensureSource } from '#worker/build/source.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';
import { Qemu, runIn, type Mount } from '#support/qemu.js';

const BUILD_LIMIT_MS = 2_400_000;
const EVENTS = ['exec_tb', 'memory_region_ops_write', 'qemu_anon_ram_alloc'];
const WRITES = 1000;
const COUNT = 1000;
const ROUNDS = 1000;
const rootDir = process.cwd();
const context = testContext(rootDir, { 'qibench.test': String(process.pid) });
const versions = Object.keys(
  (JSON.parse(readFileSync(join(rootDir, 'qemu/versions.json'), 'utf8')) as { versions: object })
    .versions,
);

const emulator = '/opt/qemu/bin/qemu-system-x86_64';
const machine = [
  '-nodefaults',
  '-no-user-config',
  '-display',
  'none',
  '-M',
  'pc,accel=tcg',
  '-m',
  '16M',
  '-L',
  '/usr/share/qemu-firmware',
  '-no-reboot',
];
const portIo = [
  ...machine,
  '-bios',
  '/guest/port-io.bin',
  '-device',
  `loader,addr=0x1000,data=${WRITES},data-len=4`,
  '-device',
  'isa-debug-exit,iobase=0xf4,iosize=0x04',
];
const memoryGuest = [
  ...machine,
  '-bios',
  '/guest/memory.bin',
  '-device',
  'isa-debug-exit,iobase=0xf4,iosize=0x04',
];
const endless = [...machine, '-bios', '/guest/smp-port-io.bin', '-smp', '4'];
const library = (name: string, ...args: string[]) => [
  '-instr',
  [`file=/libraries/${name}.so`, ...args.map((arg) => `arg=${arg}`)].join(','),
];

async function folder(name: string): Promise<UploadedFolder> {
  const path = join(rootDir, 'qemu/test', name);
  return { digest: await digestOfFolder(path), files: await readFolder(path) };
}

describe.each(versions)('QEMU %s', (version) => {
  const scratch = mkdtempSync(join(tmpdir(), 'qibench-conformance-'));
  const mounts: Mount[] = [
    { folder: join(scratch, 'guest'), at: '/guest' },
    { folder: join(scratch, 'libraries'), at: '/libraries' },
  ];
  let inputs: Omit<VariantInputs, 'instrumentation'>;
  let dynamic: Build;

  const build = async (mode: Variant['mode'], name: string | null) =>
    buildVariant(
      context,
      { ...inputs, instrumentation: name === null ? null : await folder(name) },
      { name: mode, side: 'head', mode, backend: null, plugin: null, arguments: [], trace: false },
      1,
    );
  const compileFor = async (name: string, { image, key }: Pick<Build, 'image' | 'key'>) => {
    const { content } = await compileInstrumentation(context, {
      toolchain: inputs.toolchain.tag,
      build: { image, key },
      instrumentation: await folder(name),
    });
    writeFileSync(join(scratch, 'libraries', `${basename(name)}.so`), content, { mode: 0o755 });
  };
  const guestBuild = async (mode: 'dynamic' | 'static') =>
    buildVariant(
      context,
      {
        ...inputs,
        events: ['guest_block_exec', 'guest_mem_access'],
        instrumentation: mode === 'static' ? await folder('guest-events') : null,
      },
      { name: mode, side: 'head', mode, backend: null, plugin: null, arguments: [], trace: false },
      1,
    );

  beforeAll(async () => {
    const entry = (await readVersions(rootDir))[version]!;
    const toolchain = await ensureToolchain(context, entry);
    inputs = {
      version,
      entry,
      toolchain,
      runner: await ensureRunner(context, entry),
      source: await ensureSource(context, version, entry, toolchain),
      target: 'x86_64-softmmu',
      events: EVENTS,
    };
    dynamic = await build('dynamic', null);
    mkdirSync(join(scratch, 'guest'));
    mkdirSync(join(scratch, 'libraries'));
    for (const name of ['api', 'refuse', 'threads']) await compileFor(name, dynamic);
    const sources: Mount[] = [
      { folder: join(rootDir, 'qemu/test/guest'), at: '/guest' },
      { folder: join(rootDir, 'workloads/port-io'), at: '/port-io' },
    ];
    for (const [name, file] of [
      ['smp-port-io', '/guest/smp-port-io.s'],
      ['memory', '/guest/memory.s'],
      ['port-io', '/port-io/port-io.s'],
    ] as const) {
      const assemble =
        `as --32 --defsym COUNT=${COUNT} -o /tmp/g.o ${file} && ld -m elf_i386 -Ttext 0 ` +
        '--oformat binary -e start -o /tmp/g.bin /tmp/g.o && base64 /tmp/g.bin';
      const { status, output } = runIn(toolchain.tag, ['sh', '-ec', assemble], sources);
      expect([status, name]).toEqual([0, name]);
      writeFileSync(join(scratch, 'guest', `${name}.bin`), Buffer.from(output, 'base64'));
    }
  }, BUILD_LIMIT_MS);
  afterAll(async () => {
    await context.backend.sweep(context.labels);
    rmSync(scratch, { recursive: true, force: true });
  });

  test(
    'without instrumentation every generated trace file equals the one of stock QEMU, byte for byte',
    async () => {
      const tree = await ensureTree(context, { ...inputs, backends: ['log'] }, 'none');
      const stock = await context.backend.copyOut(
        await sourceContainer(inputs.source.tag),
        '/qemu/src/scripts',
      );
      const container = await context.backend.create({
        image: tree.tag,
        command: ['sh', '-ec', COMPARE_GENERATED],
        user: '1000:1000',
        network: 'none',
        readOnlyRoot: false,
        memoryBytes: 2 * 1024 ** 3,
        pids: 256,
        fileBytes: 2 * 1024 ** 3,
        labels: context.labels,
      });
      const chunks: Buffer[] = [];
      for await (const chunk of stock as AsyncIterable<Buffer>) chunks.push(chunk);
      await context.backend.copyIn(container, '/tmp', Buffer.concat(chunks));
      let output = '';
      const { exitStatus } = await context.backend.run(container, {
        timeoutMs: 300_000,
        onOutput: (_, chunk) => (output += chunk.toString()),
      });

      expect([exitStatus, output]).toEqual([0, expect.stringMatching(/^\d\d+ files are equal\n$/)]);
    },
    BUILD_LIMIT_MS,
  );

  test(
    'an event that is both instrument and disable, unknown or changed is refused, with file and line',
    async () => {
      const tree = await ensureTree(context, { ...inputs, backends: ['log'] }, 'dynamic');
      const attempt = (line: string) =>
        runIn(tree.tag, [
          'sh',
          '-c',
          `echo '${line}' > /qemu/trace-events; cd /qemu/build && CCACHE_DIR=/tmp/ccache ` +
            `ninja qemu-system-x86_64 2>&1 | grep 'trace instrumentation'`,
        ]).output.trim();

      expect(
        attempt('instrument disable exec_tb(void *tb, uintptr_t pc) "tb:%p pc=0x%"PRIxPTR'),
      ).toBe(
        "trace instrumentation: error: /qemu/trace-events:1: event 'exec_tb' is both " +
          "'instrument' and 'disable'; remove 'disable' to instrument it",
      );
      expect(attempt('instrument no_such_event(void) ""')).toContain(
        "/qemu/trace-events:1: event 'no_such_event' does not exist in this QEMU",
      );
      expect(attempt('instrument exec_tb(int tb) ""')).toMatch(
        /event 'exec_tb' has arguments \(int tb\), but \(void \* ?tb, uintptr_t pc\)/,
      );
    },
    BUILD_LIMIT_MS,
  );

  test('dynamic: the whole API, arguments, qi_init and qi_fini', () => {
    const { status, output } = runIn(
      dynamic.image,
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
      const { image } = await build('static', 'api');
      const { status, output } = runIn(image, [emulator, ...portIo], mounts);

      expect([status, output.match(/^CHECK .* FAILED$/gm)]).toEqual([33, null]);
      expect(output.match(/^CHECK .* ok$/gm)).toHaveLength(CHECKS);
      expect(output).toMatch(/^ARGS 0$/m);
      expect(output).toMatch(/^FINI$/m);
      await expectNoCommands(image);
    },
    BUILD_LIMIT_MS,
  );

  test('without a library every callback does nothing', () => {
    expect(runIn(dynamic.image, [emulator, ...portIo], mounts)).toEqual({
      status: 33,
      signal: null,
      output: '',
    });
  });

  test(
    'without instrumentation there is neither option nor command',
    async () => {
      const { image } = await build('none', null);

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
      'two libraries',
      [...library('api'), ...library('api')],
      'only one instrumentation library can be loaded',
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
    const { status, output } = runIn(dynamic.image, [emulator, ...portIo, ...options], mounts);

    expect([status, output]).toEqual([1, expect.stringContaining(message)]);
  });

  describe('with only the event of the examples selected', () => {
    let oneEvent: typeof inputs;
    beforeAll(() => void (oneEvent = { ...inputs, events: ['qemu_anon_ram_alloc'] }));

    test(
      "the document's example for dynamic mode builds by its own Makefile and runs as printed",
      async () => {
        const { image, key } = await buildVariant(
          context,
          { ...oneEvent, instrumentation: null },
          {
            name: 'dynamic',
            side: 'head',
            mode: 'dynamic',
            backend: null,
            plugin: null,
            arguments: [],
            trace: false,
          },
          1,
        );
        await compileFor('document-dynamic', { image, key });
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
        const { image } = await buildVariant(
          context,
          { ...oneEvent, instrumentation: await folder('document-static') },
          {
            name: 'static',
            side: 'head',
            mode: 'static',
            backend: null,
            plugin: null,
            arguments: [],
            trace: false,
          },
          1,
        );
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

  test.each(['dynamic', 'static'] as const)(
    '%s: every block, load and store of the guest is seen, with its value',
    async (mode) => {
      const { image, key } = await guestBuild(mode);
      const options = mode === 'static' ? [] : library('guest-events');
      if (mode === 'dynamic') await compileFor('guest-events', { image, key });
      const { status, output } = runIn(image, [emulator, ...memoryGuest, ...options], mounts);
      const sum = (COUNT * (COUNT + 1)) / 2;
      const lowBytes = Array.from({ length: COUNT }, (_, index) => (index + 1) % 256).reduce(
        (total, byte) => total + byte,
        0,
      );

      expect(status).toBe(33);
      // The write that ends QEMU takes effect before or after the last instruction.
      expect(output.trim().split('\n')).toEqual([
        'FIRST',
        expect.stringMatching(`^INSTRUCTIONS (${6 + 6 * COUNT}|${7 + 6 * COUNT}) in blocks 1$`),
        `STORES ${COUNT} of ${sum}`,
        `LOADS ${COUNT} of ${sum}, bytes ${lowBytes}`,
      ]);
    },
    BUILD_LIMIT_MS,
  );

  test(
    'events of guest code can be switched on while the guest runs, and off again',
    async () => {
      const { image, key } = await guestBuild('dynamic');
      await compileFor('guest-events', { image, key });
      const qemu = await Qemu.start(image, [emulator, ...endless], mounts);
      await qemu.do('instr-load', { file: '/libraries/guest-events.so' });
      await qemu.waitForOutput(/^FIRST$/m);
      await qemu.do('instr-unload');
      await qemu.do('instr-load', { file: '/libraries/guest-events.so' });
      await qemu.waitForOutput(/^FIRST$[^]*^FIRST$/m);
      await qemu.do('instr-unload');
      const { status, output } = await qemu.quit();

      expect(status).toBe(0);
      expect(output.match(/^INSTRUCTIONS \d+ in blocks \d$/gm)).toEqual(
        [1, 2].map(() => expect.stringMatching(/^INSTRUCTIONS [1-9]\d* in blocks 1$/)),
      );
    },
    BUILD_LIMIT_MS,
  );

  test.each([
    ['insn', [], 'plugin.insns', [6 + 6 * COUNT, 7 + 6 * COUNT]],
    ['insn', ['inline=on'], 'plugin.insns', [6 + 6 * COUNT, 7 + 6 * COUNT]],
    ['mem', ['callback=on'], 'plugin.mem-accesses', [3 * COUNT]],
    ['mem', ['inline=on'], 'plugin.mem-accesses', [3 * COUNT]],
    ['bb', [], 'plugin.blocks', [COUNT + 2, COUNT + 3]],
    ['bb', ['inline=on'], 'plugin.blocks', [COUNT + 2, COUNT + 3]],
    ['hotblocks', [], 'plugin.blocks-translated', [4, 5]],
  ] as const)(
    "QEMU's own plugin %s %j is built from this source, runs on the build without " +
      'instrumentation, and its count is read',
    async (plugin, args, name, expected) => {
      const none = await build('none', null);
      const variant: Variant = {
        name: 'plugin',
        side: 'head',
        mode: 'plugin',
        backend: null,
        plugin,
        arguments: [...args],
        trace: false,
      };
      const { content } = await compilePlugin(
        context,
        { ...inputs, build: none, uploads: new Map() },
        variant,
      );
      writeFileSync(join(scratch, 'libraries', 'plugin.so'), content, { mode: 0o755 });
      const { status, output } = runIn(
        none.image,
        [
          emulator,
          ...memoryGuest,
          '-plugin',
          ['file=/libraries/plugin.so', ...args].join(','),
          '-d',
          'plugin',
        ],
        mounts,
      );

      expect([status, output]).toEqual([33, expect.any(String)]);
      const count = pluginCounts(plugin, output).find((candidate) => candidate.name === name);
      expect([output, expected.map(BigInt)]).toEqual([
        output,
        expect.arrayContaining([count?.value]),
      ]);
    },
    BUILD_LIMIT_MS,
  );

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
      const example = await folder(`../examples/${name}`);
      const selected = { ...inputs, events };
      const dynamicBuild = await buildVariant(
        context,
        { ...selected, instrumentation: null },
        {
          name: 'dynamic',
          side: 'head',
          mode: 'dynamic',
          backend: null,
          plugin: null,
          arguments: [],
          trace: false,
        },
        1,
      );
      const staticBuild = await buildVariant(
        context,
        { ...selected, instrumentation: example },
        {
          name: 'static',
          side: 'head',
          mode: 'static',
          backend: null,
          plugin: null,
          arguments: [],
          trace: false,
        },
        1,
      );
      await compileFor(`../examples/${name}`, dynamicBuild);
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

  test('QMP loads and unloads, and refuses what cannot be', async () => {
    const qemu = await Qemu.start(dynamic.image, [emulator, ...endless], mounts);
    const load = (file: string, ...args: string[]) =>
      qemu.answer('instr-load', { file, ...(args.length > 0 ? { args } : {}) });
    const refusal = (text: string) => ({
      error: { class: 'GenericError', desc: expect.stringContaining(text) },
    });

    expect(await qemu.answer('instr-unload')).toEqual(
      refusal('no instrumentation library is loaded'),
    );
    expect(await load('/none.so')).toEqual(refusal('cannot load instrumentation library'));
    expect(await load('/lib/x86_64-linux-gnu/libz.so.1')).toEqual(refusal('has no qi_init()'));
    expect(await load('/libraries/refuse.so')).toEqual(refusal('refuses: not today'));
    expect(await load('/libraries/threads.so', 'x', 'y z')).toEqual({ return: {} });
    expect(await load('/libraries/api.so')).toEqual(refusal('already loaded'));
    expect(await qemu.answer('instr-unload')).toEqual({ return: {} });
    const { status, output } = await qemu.quit();

    expect(status).toBe(0);
    expect(output.match(/^CALLS \d+$/gm)).toHaveLength(1);
    expect(output).not.toContain('CALLED');
  }, 60_000);

  test('the human monitor loads and unloads', async () => {
    const qemu = await Qemu.start(dynamic.image, [emulator, ...endless], mounts);

    expect(await qemu.human('help instr-load')).toContain('instr-load file [arg...]');
    expect(await qemu.human('instr-unload')).toBe('Error: no instrumentation library is loaded');
    expect(await qemu.human('instr-load /libraries/api.so first "second one"')).toBe('');
    expect(await qemu.human('instr-load /libraries/api.so "unmatched')).toContain(
      'unmatched quote',
    );
    expect(await qemu.human('instr-unload')).toBe('');
    expect((await qemu.quit()).output).toMatch(/^ARGS 2 \[first\] \[second one\]$/m);
  }, 60_000);

  test(`a library is loaded and unloaded ${ROUNDS} times while four processors fire its events`, async () => {
    const qemu = await Qemu.start(dynamic.image, [emulator, ...endless], mounts);
    for (let round = 0; round < ROUNDS; round++) {
      await qemu.do('instr-load', { file: '/libraries/threads.so', args: [String(round)] });
      // Every third library is unloaded at once, the others during calls, even on a busy machine.
      if (round % 3 !== 0) await qemu.waitForOutput(new RegExp(`^BEGUN ${round}$`, 'm'));
      await qemu.do('instr-unload');
    }
    const { status, output } = await qemu.quit();

    expect([status, output.includes('stays in memory')]).toEqual([0, false]);
    const calls = output.match(/^CALLS \d+$/gm)!.map((line) => Number(line.slice(6)));
    expect(calls).toHaveLength(ROUNDS);
    expect(calls.filter((count) => count > 0).length).toBeGreaterThan(ROUNDS / 2);
  }, 300_000);

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

async function sourceContainer(image: string): Promise<string> {
  return context.backend.create({
    image,
    command: ['true'],
    user: '1000:1000',
    network: 'none',
    readOnlyRoot: false,
    memoryBytes: 64 * 1024 ** 2,
    pids: 8,
    fileBytes: 2 * 1024 ** 3,
    labels: context.labels,
  });
}

/** Number of lines that qemu/test/api prints in either mode. */
const CHECKS = 24;

/**
 * Script for a tree: repeats every command that generates a trace file for C or Rust, with the
 * tracetool of the unpatched source at /tmp/scripts.
 */
const COMPARE_GENERATED = `
cd /qemu/build
files=$(ninja -t targets all | grep -oE '^trace/trace-[a-z0-9_]+\\.(h|c|rs):' | tr -d :)
CCACHE_DIR=/tmp/ccache ninja $files > /dev/null
cp -r trace /tmp/ours
ninja -t commands $files | grep -E -e '--format=(h|c|rs) ' | grep tracetool.py |
    sed -E 's#[^ ]*/scripts/tracetool.py#/tmp/scripts/tracetool.py#; s# --instrument=[^ ]+##' > /tmp/commands
rm $files
sh -e /tmp/commands
count=0
for file in $files; do
    cmp "$file" "/tmp/ours/\${file#trace/}"
    count=$((count + 1))
done
echo "$count files are equal"
`;
