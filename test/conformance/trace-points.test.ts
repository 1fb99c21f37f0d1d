// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree, TreeInputs } from '#worker/build/tree.js';
import { ensureTree } from '#worker/build/tree.js';
import { ensureToolchain } from '#worker/build/images.js';
import { ensureSource } from '#worker/build/source.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';
import { longSuiteVersions } from '#support/instrumented-builds.js';
import { runIn } from '#support/qemu.js';

const BUILD_LIMIT_MS = 2_400_000;
const rootDir = process.cwd();
const context = testContext(rootDir, { 'qibench.test': String(process.pid) });
const versions = await readVersions(rootDir);
const COMPILER_CACHE = [{ volume: 'qibench-ccache', at: '/ccache' }];
const withRust = Object.keys(versions).filter((version) =>
  versions[version]!.toolchainPackages.includes('rustc'),
);

async function inputsOf(version: string): Promise<TreeInputs> {
  const entry = versions[version]!;
  const toolchain = await ensureToolchain(context, entry);
  return {
    version,
    entry,
    toolchain,
    source: await ensureSource(context, version, entry, toolchain),
    target: 'x86_64-softmmu',
    backends: ['log'],
  };
}

/** A library in C++ with a callback for every instrumented event. */
const LIBRARY = `
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/trace.h>
#define CALLBACK(name, NAME, params, args) \\
  extern "C" void qi_event_##name params { qi_event_##name##_trace args; }
QI_FOREACH_EVENT(CALLBACK)
`;

/** Calls of callbacks, which are outside of the executable, in functions that clang's CFI checks. */
const CHECKED_CALLS = String.raw`
awk '/^static inline/ { head = $0 } /qi_cb\(/ && head !~ /QEMU_DISABLE_CFI/ { print "error: " head }' \
  trace/*.h
`;

/**
 * Prints the conditions under which each backend records `qemu_vfree`, in the header or in the
 * source of its trace group: `state` for the event's state, `callback` for its callback.
 */
const CONDITIONS = `
group=instrument/qemu-instr/select-util
object=$(ninja -t targets all | grep -oE '^[^:]*_trace-util\\.c\\.o')
ninja --quiet "$object" > /dev/null
flags=$(ninja -t commands "$object" | tail -n 1 | sed -E 's/.*cc //; s/ -(MQ|MF|o|c) [^ ]+//g; s/ -MD//')
for backend in log simple ftrace syslog; do
  for format in h c; do
    python3 /qemu/src/scripts/tracetool.py --backends=$backend --group=util --instrument=$group \\
      --format=$format /qemu/src/util/trace-events trace/trace-util.$format
  done
  echo $backend $(eval "cc -E -P $flags trace/trace-util.c" |
    awk '/ _(backend_|simple)_trace_qemu_vfree\\([^;]*$/, /^}/' |
    grep -oE 'VFREE_DSTATE|vfree_cb' | sed 's/.*DSTATE/state/; s/.*cb/callback/' | sort -u)
done
`;

/**
 * Marks the events of a sed address (empty: all events) as instrumented, and keeps the rest of
 * their lines.
 */
const select = (address: string) =>
  `cd /qemu/build && export CCACHE_DIR=/ccache && sed -E '${address}s/^(disable )?((vcpu ` +
  `)?[A-Za-z0-9_]+\\()/instrument \\2/' trace/trace-events-all > /qemu/trace-events`;

describe.each(longSuiteVersions)('QEMU %s', (version) => {
  test.each(['dynamic', 'static'] as const)(
    '%s: every event that it has can be instrumented, from C++ too',
    async (mode) => {
      const { tag }: Tree = await ensureTree(context, await inputsOf(version), mode);
      const sources = `$(ninja -t targets all | grep -oE '^[^:]*_trace-[a-z0-9_]*\\.c\\.o')`;
      const { status, output } = runIn(
        tag,
        [
          'sh',
          '-ec',
          `${select('')}; ninja ${sources} 2>&1; g++ -Wall -fPIC -c -o /tmp/library.o -x c++ - ` +
            `-I/qemu/src/instrument -Iinstrument 2>&1 <<'END'\n${LIBRARY}\nEND\n` +
            `${CHECKED_CALLS}grep -c '^instrument ' /qemu/trace-events`,
        ],
        COMPILER_CACHE,
      );

      expect([status, output.match(/warning: |error: .*/g)]).toEqual([0, null]);
      expect(Number(output.trim().split('\n').at(-1))).toBeGreaterThan(1000);
    },
    BUILD_LIMIT_MS,
  );

  test(
    'backends record an instrumented event by its state, whether it has a callback or not',
    async () => {
      const { tag } = await ensureTree(context, await inputsOf(version), 'dynamic');
      const { status, output } = runIn(
        tag,
        ['sh', '-ec', `${select('/^qemu_vfree\\(/')}; ${CONDITIONS}`],
        COMPILER_CACHE,
      );

      expect([status, output]).toEqual([
        0,
        'log state\nsimple state\nftrace state\nsyslog state\n',
      ]);
    },
    BUILD_LIMIT_MS,
  );
});

describe.each(withRust)('QEMU %s', (version) => {
  test(
    'a trace point of Rust code calls the callback of its event',
    async () => {
      const { tag } = await ensureTree(context, await inputsOf(version), 'dynamic');
      const program = readFileSync(join(rootDir, 'qemu/test/rust/main.rs'), 'utf8');
      const build =
        'ninja trace/trace-hw_char.rs libqemuutil.a && TREE=$PWD rustc --edition 2021 -O -o ' +
        '/tmp/main - -C link-arg=$PWD/libqemuutil.a -C link-args="$(pkg-config --libs ' +
        'glib-2.0 gmodule-2.0) -lm -lc"';
      const { status, output } = runIn(
        tag,
        [
          'sh',
          '-ec',
          `${select('/^(disable )?pl011_(receive|irq_state)\\(/')}; (${build}) >&2 ` +
            `<<'END'\n${program}\nEND\n` +
            `grep -c _TRACE_PL011_RECEIVE_DSTATE trace/trace-hw_char.rs; exec /tmp/main`,
        ],
        COMPILER_CACHE,
      );

      // Its code depends on the callback: the event's state is declared, and not read.
      expect([status, output]).toEqual([0, expect.stringMatching(/^1\n(?:.*\n)*SUM 320$/m)]);
    },
    BUILD_LIMIT_MS,
  );
});
