// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { repack, type RepackLimits } from '#worker/build/repack.js';
import { readStream } from '#worker/build/tar.js';

type Header = Parameters<tar.Pack['entry']>[0];

const LIMITS: RepackLimits = { what: 'the folder', bytes: 1000, entries: 8 };

function tarOf(entries: readonly (Header & { content?: string })[]): Readable {
  const pack = tar.pack();
  for (const { content = '', ...header } of entries) pack.entry(header, content);
  pack.finalize();
  return Readable.from(pack as AsyncIterable<Buffer>);
}

async function repacked(
  entries: readonly (Header & { content?: string })[],
  limits = LIMITS,
): Promise<{ headers: Header[]; bytes: number }> {
  const { tar: stream, bytes } = repack(tarOf(entries), limits);
  const content = await readStream(stream, 'the test', 1024 ** 2);
  const headers: Header[] = [];
  const extract = tar.extract();
  Readable.from([content]).pipe(extract);
  for await (const entry of extract) {
    headers.push(entry.header);
    entry.resume();
  }
  return { headers, bytes: bytes() };
}

test('files, folders and links pass, owned by root, without special bits', async () => {
  const { headers, bytes } = await repacked([
    { name: 'w/', type: 'directory', mode: 0o1777, uid: 7 },
    { name: 'w/a', mode: 0o4755, uid: 7, gid: 7, content: 'text' },
    { name: 'w/soft', type: 'symlink', linkname: '/etc/passwd' },
    { name: 'w/hard', type: 'link', linkname: 'w/a' },
  ]);

  expect(
    headers.map(({ name, type, mode, uid, gid, linkname }) => [
      name,
      type,
      mode,
      uid,
      gid,
      linkname ?? null,
    ]),
  ).toEqual([
    ['w/', 'directory', 0o777, 0, 0, null],
    ['w/a', 'file', 0o755, 0, 0, null],
    ['w/soft', 'symlink', expect.any(Number), 0, 0, '/etc/passwd'],
    ['w/hard', 'link', expect.any(Number), 0, 0, 'w/a'],
  ]);
  expect(bytes).toBe(4);
});

test('symbolic links that leave the top level are dropped, because the engine refuses such a tar', async () => {
  const { headers } = await repacked([
    { name: './up', type: 'symlink', linkname: '..' },
    { name: './os-release', type: 'symlink', linkname: '../usr/lib/os-release' },
    { name: 'w/far', type: 'symlink', linkname: 'b/../../../x' },
    { name: 'w/beside', type: 'symlink', linkname: '../..x' },
    { name: './absolute', type: 'symlink', linkname: '/usr/lib' },
  ]);

  expect(headers.map(({ name }) => name)).toEqual(['w/beside', './absolute']);
});

test('devices, pipes and hard links to anything else are dropped', async () => {
  const { headers } = await repacked([
    { name: 'w/disk', type: 'block-device', devmajor: 8, devminor: 0 },
    { name: 'w/null', type: 'character-device' },
    { name: 'w/pipe', type: 'fifo' },
    { name: 'w/shadow', type: 'link', linkname: '/etc/shadow' },
    { name: 'w/a', content: 'a' },
  ]);

  expect(headers.map(({ name }) => name)).toEqual(['w/a']);
});

test.each<[string, Partial<RepackLimits>]>([
  ['bytes', { bytes: 3 }],
  ['entries', { entries: 1 }],
])('the reader gets the error of too many %s', async (_, limits) => {
  const reading = repacked(
    [
      { name: 'a', content: 'aa' },
      { name: 'b', content: 'bb' },
    ],
    { ...LIMITS, ...limits },
  );

  await expect(reading).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('a tar whose first entry is too large fails only when it is read', async () => {
  const { tar: stream } = repack(tarOf([{ name: 'a', content: 'x'.repeat(2000) }]), LIMITS);
  await new Promise((resolve) => setImmediate(resolve));

  await expect(readStream(stream, 'the test', 10_000)).rejects.toMatchObject({
    code: 'TOO_LARGE',
  });
});

test('an error of the source reaches the reader', async () => {
  const source = Readable.from(
    (async function* () {
      yield Buffer.alloc(512);
      await Promise.resolve();
      throw new Error('the engine is gone');
    })(),
  );

  await expect(readStream(repack(source, LIMITS).tar, 'the test', 10_000)).rejects.toThrow(
    'the engine is gone',
  );
});
