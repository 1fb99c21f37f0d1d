// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import { ensureTree, type Tree } from '#worker/build/tree.js';
import { runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  context,
  InstrumentedBuilds,
  longSuiteVersions,
} from '#support/instrumented-builds.js';

describe.each(longSuiteVersions)('a build of QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  let tree: Tree;
  beforeAll(async () => {
    await builds.prepareInputs();
    tree = await ensureTree(context, { ...builds.inputs, backends: ['log'] }, 'dynamic');
  }, BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  /** Runs a script in the tree with `guest_mem_access` selected. Returns its last line, or all after a failure. */
  const inTree = (script: string, ...args: string[]) => {
    const { status, output } = runIn(
      tree.tag,
      ['sh', '-ec', PREPARE + script, 'sh', ...args],
      [{ folder: join(process.cwd(), 'qemu/test'), at: '/test' }],
    );
    return status === 0 ? output.trim().split('\n').at(-1) : output;
  };

  test(
    'configure takes the three options',
    () => {
      expect(inTree(CONFIGURE, ...tree.configure)).toBe('/tmp/folder STATIC +instrument');
    },
    BUILD_LIMIT_MS,
  );

  test(
    'headers of an installed QEMU are not used',
    () => {
      expect(inTree(STALE)).toMatch(/^([4-9]|1\d) objects$/);
    },
    BUILD_LIMIT_MS,
  );

  test(
    'ninja has nothing to do after a build, until the selection, the folder or flags change',
    () => {
      expect(inTree(NOTHING_TO_DO)).toBe('dynamic static');
    },
    BUILD_LIMIT_MS,
  );

  test(
    "a change of the mode changes no command of QEMU's own objects",
    () => {
      expect(inTree(COMMANDS)).toBe('0 other commands');
    },
    BUILD_LIMIT_MS,
  );

  test(
    'modules can fire instrumented events',
    () => {
      expect(inTree(MODULE)).toBe('linked');
    },
    BUILD_LIMIT_MS,
  );

  test('atomic helpers tell the values in memory, of every width and byte order', () => {
    expect(inTree(ATOMICS)).toBe('133000 checks, 0 faults');
  });

  test('a processor that ends is not freed while a change of callbacks uses it', () => {
    expect(inTree(REMOVAL)).toBe('freed after use');
  });

  test(
    'a disabled event that is instrumented has its probe with the backend dtrace',
    () => {
      expect(inTree(DTRACE)).toBe('1 probe');
    },
    BUILD_LIMIT_MS,
  );
});

const PREPARE = `
exec 2>&1 # in order
export CCACHE_DIR=/tmp/ccache
cd /qemu/build
select_event() {
    sed "s/^$1(/instrument $1(/" trace/trace-events-all > /qemu/trace-events
}
select_event guest_mem_access
`;

/** Arguments: configure's. */
const CONFIGURE = `
mkdir /tmp/folder /tmp/build
cd /tmp/build
/qemu/src/configure "$@" --with-trace-events=/qemu/trace-events --with-trace-instrument=static \
    --with-trace-instrument-path=/tmp/folder
ninja instrument/qemu-instr/config.h
echo "$(readlink instrument/folder) $(sed -n 's/#define QI_TYPE_//p' instrument/qemu-instr/config.h)" \
    "$(sed -n 's/ guest_mem_access//p' instrument/qemu-instr/select-instrument)" | sed 's/ 1 / /'
`;

/** Headers elsewhere on the compiler's path, all of which are an error. */
const STALE = `
mkdir -p /tmp/stale/qemu-instr
for header in config control events events-list trace; do
    echo '#error stale' > /tmp/stale/qemu-instr/$header.h
done
touch ../src/instrument/*.c
objects=$(ninja -t targets all | grep -oE '^[^ :]+/instrument_[a-z]+\\.c\\.o')
CCACHE_DISABLE=1 C_INCLUDE_PATH=/tmp/stale ninja $objects
echo "$(echo $objects | wc -w) objects"
`;

const NOTHING_TO_DO = `
outputs=instrument/qemu-instr/config.h
plan() {
    ninja -d explain -n $outputs > /tmp/plan 2>&1
    grep -qx 'ninja: no work to do.' /tmp/plan
}
idle() {
    ninja $outputs
    plan || { cat /tmp/plan; exit 1; }
}
busy() {
    if plan; then echo "nothing to do after $1"; exit 1; fi
}
idle
sleep 1
select_event guest_block_exec
busy selection
mkdir /tmp/folder
cat > /tmp/folder/instrument.c <<'END'
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
void qi_init(int argc, const char **argv) { }
void qi_fini(void) { }
void qi_event_guest_block_exec(unsigned cpu, uint64_t pc, unsigned instructions) { }
END
meson=$(sed -n 's/^MESON=//p' config-host.mak)
$meson configure -Dtrace_instrument=static -Dtrace_instrument_path=/tmp/folder
outputs="$outputs instrument/libtrace-instrument.a"
idle
sleep 1
echo '/* more */' > /tmp/folder/events-post.h
busy 'a new file'
idle
sleep 1
echo '/* more */' >> /tmp/folder/instrument.c
busy 'a change of a file'
idle
$meson configure -Dc_args=-DMORE
ninja build.ninja
busy flags
echo dynamic static
`;

/** Objects of a build without instrumentation whose command is not the same with it. */
const COMMANDS = `
mkdir /tmp/folder
meson=$(sed -n 's/^MESON=//p' config-host.mak)
for mode in none dynamic static; do
  $meson configure -Dtrace_instrument=$mode -Dtrace_instrument_path=/tmp/folder > /dev/null
  ninja build.ninja > /dev/null
  grep '"command": ' compile_commands.json | sort > /tmp/commands-$mode
done
test -s /tmp/commands-none
echo "$(for mode in dynamic static; do
  comm -23 /tmp/commands-none /tmp/commands-$mode
done | wc -l) other commands"
`;

/** What a module's code is compiled and linked with, other than in the executable. */
const MODULE = `
ninja trace/trace-instrument.h
cat > /tmp/module.c <<'END'
#include "qemu/osdep.h"
#include "instrument/trace.h"
void fire(void);
void fire(void)
{
    trace_guest_mem_access(0, 1, 2, 4, false, 0);
}
END
compile=$(python3 -c '
import json, shlex
entries = json.load(open("compile_commands.json"))
words = shlex.split(next(e["command"] for e in entries if e["file"].endswith("/instrument/loader.c")))
for option in ("-c", "-o", "-MF", "-MQ"):
    at = words.index(option)
    del words[at : at + 2]
print(shlex.join(words))')
eval "$compile -fPIC -DBUILD_DSO -c -o /tmp/module.o /tmp/module.c"
cc -shared -o /tmp/module.so /tmp/module.o
echo linked
`;

const ATOMICS = `
mkdir -p /tmp/include/qemu
touch /tmp/include/qemu/plugin.h
cc -O1 -I/tmp/include -I../src/accel/tcg -o /tmp/atomics /test/atomics/main.c
/tmp/atomics
`;

const REMOVAL = `
for header in qemu/osdep qemu/main-loop cpu system/tcg trace/control; do
    mkdir -p /tmp/include/$(dirname $header)
    touch /tmp/include/$header.h
done
cc -pthread -I/tmp/include -Iinstrument -I../src -o /tmp/removal /test/removal/main.c
/tmp/removal
`;

/** QEMU's program "dtrace" is not needed for the files with the probes. */
const DTRACE = `
mkdir /tmp/bin
printf '#!/bin/sh\\n' > /tmp/bin/dtrace
chmod +x /tmp/bin/dtrace
export PATH=/tmp/bin:$PATH
event=$(sed -n 's/^disable \\([a-z0-9_]*\\)(.*/\\1/p' trace/trace-events-all | head -n 1)
sed "s/^disable $event(/instrument $event(/" trace/trace-events-all > /qemu/trace-events
meson=$(sed -n 's/^MESON=//p' config-host.mak)
$meson configure -Dtrace_backends=dtrace
ninja build.ninja
ninja $(ninja -t targets all | grep -oE '^trace/trace-dtrace-[^ :]+\\.dtrace')
echo "$(cat trace/*.dtrace | grep -c "^probe $event(") probe"
`;
