// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import { BUILDER, PATHS } from '#worker/step-context.js';
import { runScript, openContainer } from '#worker/build/script.js';
import { packFiles, readFolder } from '#worker/build/tar.js';
import { ensureTree, type Tree } from '#worker/build/tree.js';
import { ensureToolchain } from '#worker/build/images.js';
import { ensureSource } from '#worker/build/source.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';

const LIMIT_MS = 2_400_000;
const rootDir = process.cwd();
const context = testContext(rootDir, { 'qibench.test': String(process.pid) });

/**
 * Builds and runs the runtime's unit test in the smallest QEMU that has libqemuutil, with a
 * sanitizer; then again with a fault, which must not pass. Arguments: sanitizers, file of the
 * fault, sed expression of the fault, unit test that detects it.
 */
const SANITIZE = `
cd ${PATHS.source}
grep -E '^qemu_(anon_ram_alloc|vfree)\\(' ${PATHS.build}/trace/trace-events-all |
  sed 's/^/instrument /' > ${PATHS.events}
mkdir /qemu/sanitized && cd /qemu/sanitized
export CCACHE_DIR=/ccache CC="ccache cc"
export TSAN_OPTIONS="die_after_fork=0 suppressions=/qemu/unit/tsan.supp"
flags="-fsanitize=$1 -fno-sanitize-recover=all"
${PATHS.source}/configure --without-default-features --disable-system --disable-user \\
  --disable-tools --disable-docs --disable-install-blobs --disable-guest-agent --disable-werror \\
  --with-trace-instrument=dynamic --with-trace-events=${PATHS.events} \\
  --extra-cflags="$flags -O1" --extra-ldflags="$flags" > /dev/null
test() {
  ninja --quiet tests/unit/test-instrument tests/unit/instrument-library.so \\
    tests/unit/instrument-incomplete.so tests/unit/instrument-other.so &&
    tests/unit/test-instrument --tap "$@" 2>&1
}
test
# Hosts that access thread-local memory by its address do so in callback.c only.
if nm tests/unit/test-instrument.p/instrument-out-of-line.c.o | grep qi_thread; then exit 8; fi
echo FAULT
sed -i.orig "$3" ${PATHS.source}/"$2"
if cmp ${PATHS.source}/"$2" ${PATHS.source}/"$2".orig; then exit 6; fi
if test -p "$4"; then exit 7; fi
`;

/** Builds and runs a tool and one of QEMU's own unit tests, in every mode. */
const TOOLS = `
cd ${PATHS.build}
export CCACHE_DIR=/ccache
sed -E 's/^(bdrv_open_common|qemu_coroutine_terminate)\\(/instrument &/' trace/trace-events-all > ${PATHS.events}
for mode in none dynamic static; do
  folder=; if [ $mode = static ]; then folder=${PATHS.instrumentation}; fi
  meson configure -Dtools=enabled -Dtrace_events=${PATHS.events} \\
    -Dtrace_instrument=$mode -Dtrace_instrument_path=$folder > /dev/null
  ninja --quiet qemu-img tests/unit/test-coroutine > /tmp/ninja || { cat /tmp/ninja; exit 5; }
  echo "MODE $mode"
  ./qemu-img create -f qcow2 /tmp/disk 1M 2>&1
  ./qemu-img info /tmp/disk 2>&1
  echo UNIT
  tests/unit/test-coroutine --tap 2>&1 | grep -v '^#'
done
`;

describe.each(['7.2'])('QEMU %s', (version) => {
  let tree: Tree;

  beforeAll(async () => {
    const entry = (await readVersions(rootDir))[version]!;
    const toolchain = await ensureToolchain(context, entry);
    tree = await ensureTree(
      context,
      {
        version,
        entry,
        toolchain,
        source: await ensureSource(context, version, entry, toolchain),
        target: 'x86_64-softmmu',
        backends: ['log'],
      },
      'none',
    );
  }, LIMIT_MS);
  afterAll(() => context.backend.sweep(context.labels));

  /** Runs a script in the tree's image, with the files of a folder of qemu/test at /qemu/<at>. */
  async function inTree(
    script: string,
    test: string,
    at: string,
    ...args: string[]
  ): Promise<{ exitStatus: number; output: string }> {
    const spec = {
      image: tree.tag,
      command: ['sh', '-ec', script, 'sh', ...args],
      user: BUILDER,
      network: 'none' as const,
      limits: { ...context.limits.tree, timeMs: LIMIT_MS },
      mounts: [{ volume: 'qibench-ccache', path: '/ccache', readOnly: false }],
    };
    await using container = await openContainer(context, spec);
    await context.backend.copyIn(
      container.id,
      '/qemu',
      packFiles(await readFolder(join(rootDir, 'qemu/test', test), `${at}/`), 1000),
    );
    const { exitStatus, lines } = await runScript(context, container.id, {
      step: 'build',
      what: test,
      limits: spec.limits,
      uploaded: null,
    });
    return { exitStatus, output: lines.join('\n') };
  }

  test.each([
    // Does not wait for callbacks: a thread returns into unloaded code.
    [
      'address,undefined',
      'instrument/callback.c',
      's/; any_inside();/; false;/',
      '/instrument/unload-under-load',
      /ERROR: AddressSanitizer|assertion failed/,
    ],
    // Waits, but does not order a callback before the unloading: only TSan can detect this, which
    // proves that it sees the correct order.
    [
      'thread',
      'instrument/callback.h',
      's/__ATOMIC_RELEASE/__ATOMIC_RELAXED/',
      '/instrument/unload-waits-for-callback',
      /WARNING: ThreadSanitizer: data race/,
    ],
  ])(
    'the runtime is clean under -fsanitize=%s, and a fault in it is not',
    async (sanitizers, file, fault, notices, report) => {
      const { exitStatus, output } = await inTree(
        SANITIZE,
        'unit',
        'unit',
        sanitizers,
        file,
        fault,
        notices,
      );
      const [clean, faulty] = output.split('\nFAULT\n');

      expect([exitStatus, clean]).toEqual([
        0,
        expect.not.stringMatching(/Sanitizer|runtime error/),
      ]);
      expect(clean!.match(/^ok \d+ .*$/gm)).toHaveLength(12);
      expect(faulty).toMatch(report);
    },
    LIMIT_MS,
  );

  test(
    'tools and unit tests of QEMU link in every mode; static callbacks work in them, without qi_init',
    async () => {
      const { exitStatus, output } = await inTree(TOOLS, 'tools', 'instrumentation');
      const [, none, dynamic, withCallbacks] = output.split(/^MODE .*\n/m);

      expect([exitStatus, none]).toEqual([
        0,
        expect.stringMatching(/^file format: qcow2$[^]*^ok \d+ .*co-rwlock\/downgrade$/m),
      ]);
      expect(dynamic!.trimEnd()).toBe(none!.trimEnd());
      expect(withCallbacks!.replaceAll(/^(OPEN|COROUTINE).*\n/gm, '').trimEnd()).toBe(
        none!.trimEnd(),
      );
      expect(withCallbacks).toMatch(/^OPEN qcow2$[^]*^UNIT$[^]*^COROUTINE$/m);
      expect(withCallbacks).not.toMatch(/^(INIT|FINI)$/m);
    },
    LIMIT_MS,
  );
});
