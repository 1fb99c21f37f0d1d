// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { repackTree } from '#worker/build/repacked-tree.js';

type Entry = Parameters<tar.Pack['entry']>[0] & { readonly content?: string };

const FILES: Entry[] = [
  { name: 'src/', type: 'directory', mode: 0o755 },
  { name: 'src/configure', mode: 0o755, content: '#!/bin/sh\n' },
  { name: 'src/VERSION', content: '10.0.2\n' },
  { name: 'src/link', type: 'symlink', linkname: 'VERSION' },
];

/** Repacks entries; returns the digest and the entries that left. */
async function repacked(entries: readonly Entry[]): Promise<{ digest: string; left: Entry[] }> {
  const pack = tar.pack();
  for (const { content, ...header } of entries) pack.entry(header, content ?? '');
  pack.finalize();
  const tree = repackTree(Readable.from(pack as AsyncIterable<Buffer>));
  const extract = tar.extract();
  tree.tar.pipe(extract);
  const left: Entry[] = [];
  for await (const entry of extract) {
    let content = '';
    for await (const chunk of entry as AsyncIterable<Buffer>) content += chunk.toString();
    const { name, type, mode, uid, linkname } = entry.header;
    left.push({ name, type, mode, uid, ...(type === 'symlink' ? { linkname } : {}), content });
  }
  return { digest: tree.digest(), left };
}

const changed = (name: string, change: Partial<Entry>) =>
  FILES.map((entry) => (entry.name === name ? { ...entry, ...change } : entry));

test('a tree keeps its files, executable bits and links, and belongs to the builder', async () => {
  const { left } = await repacked(FILES);

  expect(left).toEqual([
    { name: 'src/', type: 'directory', mode: 0o755, uid: 1000, content: '' },
    { name: 'src/configure', type: 'file', mode: 0o755, uid: 1000, content: '#!/bin/sh\n' },
    { name: 'src/VERSION', type: 'file', mode: 0o644, uid: 1000, content: '10.0.2\n' },
    { name: 'src/link', type: 'symlink', mode: 0o644, uid: 1000, linkname: 'VERSION', content: '' },
  ]);
});

test('the digest does not depend on order, times, owners or other bits', async () => {
  const { digest } = await repacked(FILES);

  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  const [folder, ...files] = FILES;
  const other = [folder!, ...files.reverse()].map((entry) => ({
    ...entry,
    mtime: new Date(86_400_000),
    uid: 7,
    mode: (entry.mode ?? 0o644) | 0o022,
  }));
  expect((await repacked(other)).digest).toBe(digest);
});

test.each<[string, Entry[]]>([
  ['a content', changed('src/VERSION', { content: '10.0.3\n' })],
  ['a name', changed('src/VERSION', { name: 'src/VERSIONS' })],
  ['an executable bit', changed('src/VERSION', { mode: 0o755 })],
  ['the target of a link', changed('src/link', { linkname: '/etc/passwd' })],
  [
    'a link in place of a file',
    changed('src/VERSION', { type: 'symlink', linkname: 'x', content: '' }),
  ],
  ['a further file', [...FILES, { name: 'src/x', content: '' }]],
  ['an empty folder', [...FILES, { name: 'src/.git/', type: 'directory' }]],
])('the digest depends on %s', async (_, entries) => {
  expect((await repacked(entries)).digest).not.toBe((await repacked(FILES)).digest);
});

test('devices, pipes and setuid bits do not leave', async () => {
  const { left } = await repacked([
    ...FILES,
    { name: 'src/pipe', type: 'fifo' },
    { name: 'src/device', type: 'character-device' },
    { name: 'src/suid', mode: 0o4755, content: '' },
  ]);

  expect(left.slice(FILES.length)).toEqual([
    { name: 'src/suid', type: 'file', mode: 0o755, uid: 1000, content: '' },
  ]);
});
