import { buildVariant } from '../../worker/build/variant.js';
import { ensureRunner, ensureToolchain } from '../../worker/build/images.js';
import { ensureSource } from '../../worker/build/source.js';
import { readVersions } from '../../worker/build/versions.js';
import { testContext } from '../context.js';

const VERSION = '7.2';
const context = testContext(process.cwd(), { 'qibench.test': String(process.pid) });
afterAll(() => context.backend.sweep(context.labels));

test('a build that two jobs want at once is made once, and both have the same', async () => {
  const entry = (await readVersions(process.cwd()))[VERSION]!;
  const toolchain = await ensureToolchain(context, entry);
  const inputs = {
    version: VERSION,
    entry,
    toolchain,
    runner: await ensureRunner(context, entry),
    source: await ensureSource(context, VERSION, entry, toolchain),
    target: 'x86_64-linux-user',
    events: ['guest_syscall_return'],
    instrumentation: null,
  } as const;
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
  await context.backend.removeKept(image, 'image');

  const both = await Promise.all([build(), build()]);

  expect(both.map(({ image: made, cached }) => [made, cached]).sort()).toEqual([
    [image, false],
    [image, true],
  ]);
  expect(both[0].binaryDigest).toBe(both[1].binaryDigest);
}, 2_400_000);
