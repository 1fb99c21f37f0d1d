// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import { ensureSource } from '#worker/build/source.js';
import { ensureToolchain } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';
import { runIn } from '#support/qemu.js';

const VERSION = '10.2';
const rootDir = process.cwd();
const context = testContext(rootDir, { 'qibench.test': String(process.pid) });

/** The folders with C code. checkpatch.pl allows more to files in `tests/`, as QEMU's tests may do more. */
const MOUNTS = [
  ['qemu/overlay', 'overlay'],
  ['qemu/examples', 'examples'],
  ['qemu/test', 'tests'],
  ['dockerfiles/runner', 'runner'],
  ['workloads', 'workloads'],
].map(([folder, name]) => ({ folder: join(rootDir, folder!), at: `/style/${name}` }));

/** Findings that do not apply. */
const EXEMPT = [
  // The two examples of the original design document stay as they are.
  /^tests\/document-/,
  // Programs and libraries outside QEMU cannot call its functions.
  /^(?!overlay\/).*consider using qemu_strtou/,
  // Macros that list events end each item with a comma; callbacks get their linkage from a macro.
  /^examples\/.*(?:Macros with complex values|storage class should be at the beginning)/,
  // checkpatch.pl cannot parse _Generic.
  /^examples\/.*(?:spaces required around that '[*:]'|trailing statements should be on next line)/,
  // __has_include finds a header in several versions of QEMU; the near code buffer and the inlined
  // access to thread-local memory are for x86-64; the public headers are C++ too.
  /^overlay\/instrument\/(?:(?:flush|gen|guest|guest-state|monitor|objects-\w+)\.c|callback\.h|qemu-instr\/\w+\.h).*architecture specific defines/,
];

test("all C code follows QEMU's style, by its scripts/checkpatch.pl", async () => {
  const entry = (await readVersions(rootDir))[VERSION]!;
  const toolchain = await ensureToolchain(context, entry);
  const { tag } = await ensureSource(context, VERSION, entry, toolchain);
  const { output } = runIn(
    tag,
    [
      'sh',
      '-ec',
      `cd /style && set -- $(find * -name '*.[ch]') && echo "$# files" &&
       perl /qemu/src/scripts/checkpatch.pl --no-tree --terse --no-summary -f "$@"`,
    ],
    MOUNTS,
  );
  const [files, ...findings] = output.trim().split('\n');

  expect(Number.parseInt(files!)).toBeGreaterThan(40);
  expect(findings.filter((finding) => !EXEMPT.some((pattern) => pattern.test(finding)))).toEqual(
    [],
  );
  // An exemption whose finding is gone goes too.
  expect(EXEMPT.filter((pattern) => !findings.some((finding) => pattern.test(finding)))).toEqual(
    [],
  );
}, 600_000);
