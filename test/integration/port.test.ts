// SPDX-License-Identifier: GPL-2.0-or-later
import { ensureToolchain } from '#worker/build/images.js';
import type { Source } from '#worker/build/patched.js';
import { choosePort } from '#worker/build/port.js';
import { openContainer } from '#worker/build/script.js';
import { ensureSource } from '#worker/build/source.js';
import { packFiles } from '#worker/build/tar.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';

/** The port is tried on real sources: Debian's, whole and damaged. */

const labels = { 'qibench.test': `port-${process.pid}` };
let logged = '';
const base = testContext(process.cwd(), labels);
const context = {
  ...base,
  progress: { ...base.progress, log: (_: unknown, text: string) => void (logged += text) },
};
const made: string[] = [];
beforeEach(() => void (logged = ''));
afterAll(async () => {
  for (const tag of made) await base.backend.evict(tag, 'image');
  await base.backend.sweep(labels);
});

async function sourceOf(version: string): Promise<Source> {
  const entry = (await readVersions(process.cwd()))[version]!;
  return ensureSource(base, version, entry, await ensureToolchain(base, entry));
}

/** Returns a source with other contents of some files. */
async function changed(
  source: Source,
  files: Record<string, string>,
  name: string,
): Promise<Source> {
  const tag = `qibench/source:fetched-port-${name}-${process.pid}`;
  await using container = await openContainer(base, {
    image: source.tag,
    command: ['true'],
    user: '1000:1000',
    network: 'none',
    limits: base.limits.small,
  });
  const listed = Object.entries(files).map(([path, content]) => ({ path: `src/${path}`, content }));
  await base.backend.copyIn(container.id, '/qemu', packFiles(listed, 1000));
  await base.backend.commit(container.id, tag, {});
  made.push(tag);
  return { tag, digest: `${source.digest}-${name}-${process.pid}`, patches: null, uploaded: 'x' };
}

test.each(['7.2', '10.0'])(
  'the source of QEMU %s gets its own series, whatever version the job names',
  async (version) => {
    const source = await sourceOf(version);

    expect(await choosePort(context, source, version)).toEqual({ name: version, reason: '' });
    const other = version === '7.2' ? '10.0' : '7.2';
    expect(await choosePort(context, source, other)).toEqual({ name: version, reason: '' });
  },
  1_200_000,
);

test('a source with changes elsewhere still gets the series', async () => {
  const source = await changed(await sourceOf('7.2'), { 'README.rst': 'a fork\n' }, 'elsewhere');

  expect((await choosePort(context, source, '7.2')).name).toBe('7.2');
}, 1_200_000);

test('a source that no series applies to has the reject of the nearest one', async () => {
  const source = await changed(await sourceOf('7.2'), { 'linux-user/main.c': '\n' }, 'damaged');

  const port = await choosePort(context, source, '7.2');

  expect(port.name).toBeNull();
  expect(port.reason).toMatch(
    /^patch \S+\.patch for QEMU 7\.2: linux-user\/main\.c: Hunk #1 FAILED/,
  );
}, 1_200_000);

test('an answer is kept: the second question runs nothing', async () => {
  const source = await sourceOf('7.2');
  await choosePort(context, source, '7.2');
  logged = '';

  expect((await choosePort(context, source, '7.2')).name).toBe('7.2');
  expect(logged).toBe('');
}, 1_200_000);
