// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import type { ErrorCode } from '#contract/error.js';
import { BUILD_LIMITS } from '#worker/step-context.js';
import { compileInstrumentation } from '#worker/build/instrumentation.js';
import { openContainer } from '#worker/build/script.js';
import { packFiles, readFolder } from '#worker/build/tar.js';
import { ensureRunner, ensureToolchain } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';

const MIB = 1024 ** 2;
const labels = { 'qibench.test': `hostile-${process.pid}` };
let logged = '';
/** Low limits, so that an attack ends soon; honest code compiles within them. */
const library = { timeMs: 5_000, memoryBytes: 256 * MIB, diskBytes: 96 * MIB, pids: 64 };
const base = testContext(process.cwd(), labels);
const context = {
  ...base,
  progress: { ...base.progress, log: (_: unknown, text: string) => void (logged += text) },
};
let options: { toolchain: string; build: { image: string; key: string } };

beforeAll(async () => {
  const entry = (await readVersions(process.cwd()))['7.2']!;
  const { tag: toolchain } = await ensureToolchain(base, entry);
  options = {
    toolchain,
    build: { image: await headersAlone((await ensureRunner(base, entry)).tag), key: 'headers' },
  };
}, 600_000);
afterAll(async () => {
  await base.backend.evict(HEADERS, 'image');
  await base.backend.sweep(labels);
});
beforeEach(() => void (logged = ''));
afterEach(() =>
  expect(
    execFileSync(
      'docker',
      ['ps', '-aq', '--filter', `label=qibench.test=${labels['qibench.test']}`],
      { encoding: 'utf8' },
    ),
  ).toBe(''),
);

const HEADERS = `qibench-test:headers-${process.pid}`;

/** The parts of a QEMU that compiling needs. */
async function headersAlone(runner: string): Promise<string> {
  const files = await readFolder(
    'qemu/overlay/instrument/qemu-instr',
    'opt/qemu/include/qemu-instr/',
  );
  await using container = await openContainer(base, {
    image: runner,
    command: ['true'],
    user: '0:0',
    network: 'none',
    workingDir: '/',
    limits: base.limits.small,
  });
  await base.backend.copyIn(container.id, '/', packFiles(files));
  await base.backend.commit(container.id, HEADERS, {});
  return HEADERS;
}

let uploads = 0;
function compile(
  files: Record<string, string>,
  timeMs = library.timeMs,
): Promise<{ code: string; kind?: string; message: string; content?: Buffer }> {
  const instrumentation = {
    digest: `sha256:attack-${process.pid}-${(uploads += 1)}`,
    files: Object.entries(files).map(([path, content]) => ({ path, content })),
  };
  const limits = { ...BUILD_LIMITS, library: { ...library, timeMs } };
  return compileInstrumentation({ ...context, limits }, { ...options, instrumentation }).then(
    ({ content }) => ({ code: 'compiled', message: '', content }),
    (error: { code: string; kind: string; message: string }) => error,
  );
}

const make = (recipe: string) => ({ 'instrument.c': 'int x;\n', Makefile: `all:\n\t${recipe}\n` });
const source = (content: string) => ({ 'instrument.c': `${content}\n` });

test.each<[string, Record<string, string>, ErrorCode[], RegExp]>([
  ['a compile that never ends', make('while :; do :; done'), ['OVER_LIMIT'], /limit of 5 s/],
  ['a fork bomb', make('bash -c ":(){ :|:& };:"; sleep 60'), ['OVER_LIMIT', 'COMPILE_FAILED'], /./],
  // Docker begins to watch for OOM kills a moment after the start; an earlier kill is a failed
  // compile with "Killed".
  ['a memory hog', make('sleep 1; tail /dev/zero'), ['OVER_LIMIT'], /bytes of memory/],
  [
    'a memory hog that does not wait for Docker to listen',
    make('tail /dev/zero'),
    ['OVER_LIMIT', 'COMPILE_FAILED'],
    /./,
  ],
  // A killed make may not have printed that: on a busy machine no process is left to print it.
  ['a recipe that kills its make', make('kill -9 $$PPID'), ['COMPILE_FAILED'], /./],
  ['a recipe that kills every process it can', make('kill -9 -1; :'), ['COMPILE_FAILED'], /./],
  ['one file without end', make('cat /dev/zero > x'), ['COMPILE_FAILED'], /Error 153/],
  [
    'files without end',
    make('i=0; while :; do i=$$((i+1)); head -c 8M /dev/zero > $$i; done'),
    ['OVER_LIMIT'],
    /bytes of disk/,
  ],
  [
    'files without end in /tmp',
    make('i=0; while :; do i=$$((i+1)); head -c 8M /dev/zero > /tmp/$$i; done'),
    ['OVER_LIMIT'],
    /bytes of disk/,
  ],
  ['a flood of output', make('yes "instrument.c:1: error: x"'), ['OVER_LIMIT'], /limit of 5 s/],
  [
    'a source that includes itself',
    source('#include "instrument.c"'),
    ['COMPILE_FAILED'],
    /nested/,
  ],
  [
    'a macro that doubles',
    source(
      '#define A0 ' +
        `x,x\n${Array.from({ length: 40 }, (_, n) => `#define A${n + 1} A${n},A${n}`).join('\n')}\nint ` +
        'a[] = { A40 };',
    ),
    ['OVER_LIMIT', 'COMPILE_FAILED'],
    /./,
  ],
  [
    'an array of a terabyte',
    source('char x[1ul << 40] = { 1 };'),
    ['OVER_LIMIT', 'COMPILE_FAILED'],
    /./,
  ],
  [
    'an alignment of 64 MiB',
    source('int x __attribute__((aligned(1 << 26))) = 1; int y = 2;'),
    ['OVER_LIMIT', 'COMPILE_FAILED', 'TOO_LARGE'],
    /./,
  ],
  [
    "the password file of the build's user",
    source('__asm__(".incbin \\"/etc/shadow\\"");'),
    ['COMPILE_FAILED'],
    /shadow/,
  ],
  [
    'the socket of the engine',
    source('#include "/var/run/docker.sock"'),
    ['COMPILE_FAILED'],
    /No such file/,
  ],
  [
    'the compiler cache',
    source('#include "/ccache/ccache.conf"'),
    ['COMPILE_FAILED'],
    /No such file/,
  ],
  [
    'a library that is a link',
    make('ln -s /etc/shadow /qemu/libtrace-instrument.so'),
    ['INSTRUMENTATION_MISSING_OUTPUT'],
    /./,
  ],
  [
    'a library that is a link to a file of the container',
    make(
      'ln -s /etc/passwd libtrace-instrument.so; ln -sf /etc/passwd /qemu/libtrace-instrument.so; exit 0',
    ),
    ['COMPILE_FAILED', 'INSTRUMENTATION_MISSING_OUTPUT'],
    /./,
  ],
  [
    'a library that is a folder',
    make('mkdir /qemu/libtrace-instrument.so && cp instrument.c libtrace-instrument.so'),
    ['INSTRUMENTATION_MISSING_OUTPUT'],
    /./,
  ],
  [
    'a library that is a pipe',
    make('mkfifo libtrace-instrument.so'),
    ['OVER_LIMIT'],
    /limit of 5 s/,
  ],
  [
    'a library above the size limit',
    make('truncate -s 90M libtrace-instrument.so'),
    ['TOO_LARGE'],
    /./,
  ],
  [
    'messages with NUL and half a character',
    make("@printf 'instrument.c:1: error: a\\0b\\360\\237\\n'; false"),
    ['COMPILE_FAILED'],
    /a\u{fffd}b\u{fffd}/u,
  ],
])(
  '%s ends soon as an error of its author, and leaves nothing',
  async (_, files, codes, message) => {
    const startedMs = performance.now();
    // On a busy machine, an attack on memory or disk needs longer to reach that limit.
    const result = await compile(files, /bytes of/.test(message.source) ? 50_000 : undefined);

    expect(codes).toContain(result.code);
    expect(result.kind).toBe('user');
    expect(result.message).toMatch(message);
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    expect(logged.length).toBeLessThan(5 * MIB);
  },
  90_000,
);

test(
  "a Makefile runs in the sandbox: no network, no rights, no other job's files, and nothing " +
    "passes to the next job's compile",
  async () => {
    const probe =
      'echo "instrument.c:1: error: $$(id -u) $$(ls /sys/class/net) $$(ls -A /ccache | wc -l) ' +
      '$$(ls /qemu) $$(grep -c qibench /proc/mounts) $$(touch /etc/x /opt/x 2>/dev/null && ' +
      'echo written)"; touch /tmp/left /qemu/left; false';
    const first = await compile(make(`@${probe}`));
    const second = await compile(make(`@${probe}`));

    for (const { code, message } of [first, second]) {
      expect(code).toBe('COMPILE_FAILED');
      expect(message).toMatch(/: 1000 lo 0 instrumentation 0 $/);
    }
  },
  60_000,
);

test('an honest instrumentation compiles within these limits, and its leftover processes are gone', async () => {
  const { code, content } = await compile(
    make('setsid sleep 600 & cc -shared -fPIC -o libtrace-instrument.so instrument.c'),
  );

  expect(code).toBe('compiled');
  expect(content!.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
}, 60_000);
