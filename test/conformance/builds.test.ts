// SPDX-License-Identifier: GPL-2.0-or-later
import type { Target } from '#contract/qemu.js';
import { buildVariant } from '#worker/build/variant.js';
import { ensureRunner, ensureToolchain } from '#worker/build/images.js';
import { ensureSource } from '#worker/build/source.js';
import { readVersions } from '#worker/build/versions.js';
import { emulatorPath } from '#worker/measure/command.js';
import { testContext } from '#support/context.js';
import { runIn } from '#support/qemu.js';

const VERSION = '7.2';
const context = testContext(process.cwd(), { 'qibench.test': String(process.pid) });
afterAll(() => context.backend.sweep(context.labels));

/** The inputs of the builds in these tests. */
async function inputsOf<T extends Target>(target: T) {
  const entry = (await readVersions(process.cwd()))[VERSION]!;
  const toolchain = await ensureToolchain(context, entry);
  return {
    version: VERSION,
    entry,
    toolchain,
    runner: await ensureRunner(context, entry),
    source: await ensureSource(context, VERSION, entry, toolchain),
    target,
    events: ['guest_syscall_return'],
    instrumentation: null,
  };
}

test('two jobs that need the same build at once share one build and get the same result', async () => {
  const inputs = await inputsOf('x86_64-linux-user');
  const build = () =>
    buildVariant(
      context,
      inputs,
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
  const { image } = await build();
  await context.backend.evict(image, 'image');

  const both = await Promise.all([build(), build()]);

  expect(both.map(({ image: made, cached }) => [made, cached]).sort()).toEqual([
    [image, false],
    [image, true],
  ]);
  expect(both[0].binaryDigest).toBe(both[1].binaryDigest);
}, 2_400_000);

test('the links of a build start, differ from each other, and are identical after a rebuild', async () => {
  const inputs = await inputsOf('x86_64-softmmu');
  const digests = async () => {
    const build = await buildVariant(
      context,
      inputs,
      {
        name: 'none',
        side: 'head',
        mode: 'none',
        backend: null,
        plugin: null,
        arguments: [],
        trace: false,
      },
      3,
    );
    expect(build.links).toBe(3);
    const paths = [null, 0, 1, 2].map((link) => emulatorPath(inputs.target, link));
    const { status, output } = runIn(build.image, [
      'sh',
      '-ec',
      'for path; do "$path" --version > /dev/null; done; sha256sum "$@"',
      'sh',
      ...paths,
    ]);
    expect([status, output.split('\n').length]).toEqual([0, paths.length + 1]);
    return { build, output };
  };
  const first = await digests();
  await context.backend.evict(first.build.image, 'image');

  const again = await digests();

  expect(new Set(first.output.match(/^[0-9a-f]{64}/gm)).size).toBe(4);
  expect([again.build.cached, again.output]).toEqual([false, first.output]);
}, 2_400_000);
