// SPDX-License-Identifier: GPL-2.0-or-later
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi } from '#support/api-process.js';

let root: string;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'qibench-root-'));
  for (const name of readdirSync('.'))
    if (name !== 'dist') symlinkSync(join(process.cwd(), name), join(root, name));
  build('dashboard', 'one');
  api = await startApi({ QIBENCH_ROOT: root });
}, 30_000);
afterAll(async () => {
  await api.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Writes a dashboard whose files all contain the digest. */
function build(name: string, digest: string): void {
  const folder = join(root, 'dist', name);
  mkdirSync(join(folder, 'assets'), { recursive: true });
  for (const file of [
    'index.html',
    'icon.svg',
    `assets/index-${digest}.js`,
    'assets/.hidden',
    '../secret',
  ])
    writeFileSync(join(folder, file), digest);
}

async function get(
  path: string,
): Promise<[status: number, body: string, cacheControl: string | null]> {
  const response = await fetch(`${api.client.server}${path}`);
  return [response.status, await response.text(), response.headers.get('cache-control')];
}

const KEPT = 'public, max-age=31536000, immutable';

test.each([
  '/assets/..%2findex.html',
  '/assets/..%2f..%2fsecret',
  '/assets/%2e%2e%2f%2e%2e%2fsecret',
  '/assets/.hidden',
  '/assets/',
  '/assets',
  '/secret',
  '/assets%2findex-one.js',
])('%s is not a file of the dashboard', async (path) => {
  expect([404, 422]).toContain((await get(path))[0]);
});

test('the service serves a dashboard that was rebuilt while it runs', async () => {
  expect([
    await get('/jobs/1/compare'),
    await get('/icon.svg'),
    await get('/assets/index-one.js'),
  ]).toEqual([
    [200, 'one', 'no-cache'],
    [200, 'one', 'no-cache'],
    [200, 'one', KEPT],
  ]);

  rmSync(join(root, 'dist/dashboard'), { recursive: true });
  build('next', 'two');
  renameSync(join(root, 'dist/next'), join(root, 'dist/dashboard'));

  expect([await get('/'), await get('/index.html'), await get('/assets/index-two.js')]).toEqual([
    [200, 'two', 'no-cache'],
    [200, 'two', 'no-cache'],
    [200, 'two', KEPT],
  ]);
  expect((await get('/assets/index-one.js'))[0]).toBe(404);
});
