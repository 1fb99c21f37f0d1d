// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import tar from 'tar-stream';
import { foldersIn } from '#api/webhook/archive.js';

type Entry = readonly [path: string, content: string, target?: string];

/** Returns the folders of a repository's tar, as GitHub packs it. */
async function folders(entries: readonly Entry[], wanted: Record<string, string>) {
  const pack = tar.pack();
  for (const [path, content, target] of entries)
    if (target === undefined) pack.entry({ name: `o-n-1/${path}` }, content);
    else pack.entry({ name: `o-n-1/${path}`, type: 'symlink', linkname: target });
  pack.finalize();
  const packed = Readable.toWeb(Readable.from(pack).pipe(createGzip())) as ReadableStream;
  const found = await foldersIn(packed, new Map(Object.entries(wanted)));
  return Object.fromEntries(
    [...found].map(([field, files]) => [
      field,
      files.map(({ path, content }) => [path, content.toString()]),
    ]),
  );
}

test('links within a folder of the repository are followed', async () => {
  const entries: Entry[] = [
    ['code/a.h', '', 'real/a.h'],
    ['code/inc', '', 'real'],
    ['code/real/a.h', 'a'],
    ['series/0002-b.patch', '', '0001-a.patch'],
    ['series/0001-a.patch', 'p'],
  ];

  expect(await folders(entries, { instrumentation: 'code', 'qemu.patches': 'series' })).toEqual({
    instrumentation: [
      ['a.h', 'a'],
      ['inc/a.h', 'a'],
      ['real/a.h', 'a'],
    ],
    'qemu.patches': [
      ['0002-b.patch', 'p'],
      ['0001-a.patch', 'p'],
    ],
  });
});

test.each<[string, Entry, string]>([
  ['that leaves it', ['code/a.c', '', '../x.c'], 'code: a.c is a link that leaves the folder'],
  ['to nothing', ['code/a.c', '', 'x.c'], 'code: a.c is a link to x.c, which the folder lacks'],
  ['in its place', ['code', '', 'src'], 'code: code is a link; name the folder that it points to'],
])('a folder with a link %s is refused by name', async (_, entry, reason) => {
  await expect(folders([entry, ['x.c', '']], { instrumentation: 'code' })).rejects.toThrow(reason);
});
