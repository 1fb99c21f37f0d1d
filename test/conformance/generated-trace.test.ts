// SPDX-License-Identifier: GPL-2.0-or-later
import { ensureTree } from '#worker/build/tree.js';
import { runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  context,
  InstrumentedBuilds,
  versions,
} from '#support/instrumented-builds.js';

describe.each(versions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  beforeAll(() => builds.prepareInputs(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test(
    'without instrumentation every generated trace file equals the one of stock QEMU, byte for byte',
    async () => {
      const tree = await ensureTree(context, { ...builds.inputs, backends: ['log'] }, 'none');
      const stock = await context.backend.copyOut(
        await sourceContainer(builds.inputs.source.tag),
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
    'without instrumentation the runtime is not there, and needs nothing that another system lacks',
    async () => {
      const tree = await ensureTree(context, { ...builds.inputs, backends: ['log'] }, 'none');
      const { status, output } = runIn(tree.tag, [
        'sh',
        '-ec',
        `cd /qemu/build && nm -u $(find . -name 'instrument_*.c.o')`,
      ]);

      expect([status, output]).toEqual([0, expect.stringMatching(/instrument_loader\.c\.o:$/m)]);
      expect(output.match(/ (pthread_|sig|dl|syscall|qi_hooks|qi_lock|qi_callback).*/g)).toBeNull();
    },
    BUILD_LIMIT_MS,
  );

  test(
    'an event that is both instrument and disable, unknown or changed in more than that is refused, with file and line',
    async () => {
      const tree = await ensureTree(context, { ...builds.inputs, backends: ['log'] }, 'dynamic');
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
      expect(attempt('instrument exec_tb(void *tb, uintptr_t pc) "another"')).toMatch(
        /event 'exec_tb' has the format "another", but "tb:.* in .*accel\/tcg\/trace-events: only/,
      );
    },
    BUILD_LIMIT_MS,
  );
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
