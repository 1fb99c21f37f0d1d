// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import { ensureTree } from '#worker/build/tree.js';
import { runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  context,
  InstrumentedBuilds,
  longSuiteVersions,
} from '#support/instrumented-builds.js';

const TEST_FOLDER = { folder: join(process.cwd(), 'qemu/test'), at: '/test' };
const COMPILER_CACHE = { volume: 'qibench-ccache', at: '/ccache' };

/** Builds qemu-i386 by configure's options, and runs a 32-bit program with a library. */
const RUN = `
exec 2>&1 # in order
mkdir /tmp/i386 && cd /tmp/i386
export CCACHE_DIR=/ccache CC="ccache cc"
sed 's/^guest_syscall_enter(/instrument &/' /qemu/build/trace/trace-events-all > /tmp/events
/qemu/src/configure --target-list=i386-linux-user --without-default-features --disable-system \\
  --enable-linux-user --disable-docs --disable-tools --disable-guest-agent --disable-werror \\
  --disable-install-blobs --enable-tcg --with-trace-instrument=dynamic \\
  --with-trace-events=/tmp/events > /dev/null
ninja --quiet qemu-i386
cc -shared -fPIC -Iinstrument -I/qemu/src/instrument -o /tmp/library.so \\
  /test/syscall-arguments/instrument.c
as --32 -o /tmp/guest.o /test/guest/syscall-i386.s
ld -m elf_i386 -Ttext 0xb0000000 -e start -o /tmp/guest /tmp/guest.o
echo BUILT
./qemu-i386 -instr /tmp/library.so /tmp/guest
`;

describe.each(longSuiteVersions)('user mode of QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  beforeAll(() => builds.prepareInputs('x86_64-linux-user'), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test(
    'arguments of a 32-bit system call have no bits above the 32',
    async () => {
      const inputs = { ...builds.inputs, backends: ['log'] };
      const tree = await ensureTree(context, inputs, 'dynamic');
      const { status, output } = runIn(tree.tag, ['sh', '-ec', RUN], [TEST_FOLDER, COMPILER_CACHE]);

      expect([status, output.split('BUILT\n')[1]]).toEqual([
        7,
        'CALL 4 1 b0000000 0 ffffffff 0 0 0 0\n',
      ]);
    },
    BUILD_LIMIT_MS,
  );
});
