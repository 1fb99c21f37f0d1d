// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { installedFiles } from '#worker/build/installed.js';
import { readStream } from '#worker/build/tar.js';

const BINARY = 'qemu/bin/qemu-x86_64';

type Header = Parameters<tar.Pack['entry']>[0];

async function linksOf(entries: readonly Header[]): Promise<number> {
  const pack = tar.pack();
  for (const header of entries) pack.entry(header, header.type === 'file' ? 'text' : '');
  pack.finalize();
  const installed = installedFiles(pack as unknown as Readable, BINARY);
  await readStream(installed.tar, 'the installed QEMU', 1024 ** 2);
  return installed.links();
}

const file = (suffix: string): Header => ({ name: `${BINARY}${suffix}`, type: 'file' });

test.each<[string, Header[], number]>([
  ['none', [file('')], 0],
  ['numbered from 0, in any order', ['.01', '', '.00', '.02'].map(file), 3],
  ['none after a gap', ['', '.00', '.02'].map(file), 1],
  ['none of another name', ['', '.0', '.000', '.00.o'].map(file), 0],
  [
    'no symbolic link and no folder',
    [
      file(''),
      { ...file('.00'), type: 'symlink', linkname: '/etc/passwd' },
      { ...file('.00'), type: 'directory' },
    ],
    0,
  ],
])('the links of an installed build are %s', async (_, entries, links) => {
  expect(await linksOf(entries)).toBe(links);
});
