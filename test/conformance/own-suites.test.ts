// SPDX-License-Identifier: GPL-2.0-or-later
import { readVersions } from '#worker/build/versions.js';
import { ensureTree } from '#worker/build/tree.js';
import { ensureSource } from '#worker/build/source.js';
import { ensureToolchain } from '#worker/build/images.js';
import { PATHS } from '#worker/step-context.js';
import type { Target } from '#contract/qemu.js';
import { BUILD_LIMIT_MS, context, longSuiteVersions } from '#support/instrumented-builds.js';
import { runIn } from '#support/qemu.js';

/** The tests that the port adds to QEMU's own suites, run as QEMU's developers run them. */

/** Switches a tree's mode. Arguments: mode, regular expression of the instrumented events. */
const SWITCH = `
switch() {
  sed -E "s/^($2)\\(/instrument &/" trace/trace-events-all > ${PATHS.events}
  meson configure -Dtrace_instrument=$1 -Dtrace_events=${PATHS.events} > /dev/null
}
run() { meson test --no-rebuild --print-errorlogs "$@"; }
cd ${PATHS.build}
export CCACHE_DIR=/ccache
`;

const MONITOR = `${SWITCH}
for mode in none dynamic; do
  switch $mode NONE
  ninja --quiet qemu-system-x86_64 tests/qtest/instrument-test
  if test $mode = dynamic; then ninja --quiet tests/qtest/instrument-test-library.so; fi
  run qtest-x86_64/instrument-test
done
`;

const RUNTIME = `${SWITCH}
for events in NONE 'qemu_anon_ram_alloc|qemu_vfree'; do
  switch dynamic "$events"
  ninja --quiet tests/unit/test-instrument tests/unit/instrument-library.so \\
    tests/unit/instrument-incomplete.so tests/unit/instrument-other.so
  run test-instrument
done
`;

const GUEST = `${SWITCH}
switch dynamic 'guest_(block_exec|mem_access|syscall_enter|syscall_return)'
ninja --quiet qemu-x86_64 tests/tcg/instrument/instrument-probe-library.so
make -C tests/tcg/x86_64-linux-user run-instrument-probe-events
cat tests/tcg/x86_64-linux-user/run-instrument-probe-events.out
`;

const TRACETOOL = `${SWITCH}
run --verbose --suite tracetool
`;

describe.each(longSuiteVersions)('QEMU %s', (version) => {
  /** Runs a script in the tree of a target. */
  async function inTree(target: Target, script: string) {
    const entry = (await readVersions(process.cwd()))[version]!;
    const toolchain = await ensureToolchain(context, entry);
    const source = await ensureSource(context, version, entry, toolchain);
    const inputs = { version, entry, toolchain, source, target, backends: ['log'] };
    const { tag } = await ensureTree(context, inputs, 'none');
    return runIn(tag, ['sh', '-ec', script], [{ volume: 'qibench-ccache', at: '/ccache' }]);
  }

  test(
    'QTest finds the monitor commands in dynamic mode, and only there',
    async () => {
      const { status, output } = await inTree('x86_64-softmmu', MONITOR);

      expect([status, output]).toEqual([0, expect.stringMatching(/instrument-test +OK/)]);
      expect(output.match(/instrument-test +OK +\S+ +\d+ subtests passed/g)).toHaveLength(2);
      expect(output).toMatch(/ 1 subtests passed[^]* 3 subtests passed/);
    },
    BUILD_LIMIT_MS,
  );

  test(
    'the unit test of the runtime runs where its events are instrumented, and is skipped elsewhere',
    async () => {
      const { status, output } = await inTree('x86_64-softmmu', RUNTIME);

      expect([status, output]).toEqual([
        0,
        expect.stringMatching(/test-instrument +SKIP[^]*test-instrument +OK .* 12 subtests passed/),
      ]);
    },
    BUILD_LIMIT_MS,
  );

  test(
    'a guest of tests/tcg fires the events of guest execution with known values',
    async () => {
      const { status, output } = await inTree('x86_64-linux-user', GUEST);

      expect([status, output]).toEqual([
        0,
        expect.stringMatching(/^20 stores of size 4, sum of values 0xa000000be$/m),
      ]);
    },
    BUILD_LIMIT_MS,
  );

  if (version === '10.2')
    test(
      'the code that tracetool generates is as the golden files have it, in both modes',
      async () => {
        const { status, output } = await inTree('x86_64-linux-user', TRACETOOL);

        expect([status, output]).toEqual([0, expect.stringMatching(/^Ok: +6$/m)]);
        expect(output.match(/^ok \d+ - \w+-(dynamic|static)\.(c|h|rs)$/gm)).toHaveLength(32);
      },
      BUILD_LIMIT_MS,
    );
});
