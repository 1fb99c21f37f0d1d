// SPDX-License-Identifier: GPL-2.0-or-later
import tar, { type Header } from 'tar-stream';
import { cleanArchive } from '#api/archive.js';
import { UPLOAD_LIMITS } from '#contract/upload.js';

type Entry = Partial<Header> & { name: string; content?: string | Buffer };

async function pack(...entries: Entry[]): Promise<Buffer> {
  const packed = tar.pack();
  for (const { content, ...header } of entries) packed.entry(header, content ?? '');
  packed.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packed as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const source = { name: 'instrument.c', content: 'void qi_init(void) {}' };
const refusal = async (...entries: Parameters<typeof pack>) =>
  cleanArchive(await pack(...entries)).then(
    () => 'accepted',
    (error: { code: string; message: string }) => `${error.code} ${error.message}`,
  );

test('a folder of plain files is accepted, and its digest depends on names and content only', async () => {
  const archive = await cleanArchive(
    await pack(
      { name: './', type: 'directory' },
      { ...source, name: './instrument.c', mtime: new Date(1), mode: 0o777 },
      { name: 'sub/a.h', content: 'x' },
    ),
  );
  const other = await cleanArchive(await pack({ name: 'sub/a.h', content: 'x' }, source));

  expect(archive.files).toEqual([
    { path: 'instrument.c', sizeBytes: 21 },
    { path: 'sub/a.h', sizeBytes: 1 },
  ]);
  expect(archive.digest).toBe(other.digest);
  expect(archive.tar.equals(other.tar)).toBe(true);
});

test('a patch series contains only patches, at its top level', async () => {
  const patch = { name: '0001-a.patch', content: 'x' };

  expect(
    (await cleanArchive(await pack(patch, { name: '0002-b.diff', content: 'y' }))).files.map(
      ({ path }) => path,
    ),
  ).toEqual(['0001-a.patch', '0002-b.diff']);
  expect(await refusal(patch, { name: 'README', content: 'x' })).toContain(
    'only *.patch, *.diff and *.mbox',
  );
  expect(await refusal({ name: 'sub/0001-a.patch', content: 'x' })).toContain(
    'is not a patch series',
  );
  expect(await refusal(patch, source)).toBe('accepted');
});

test.each([
  [
    'a symbolic link',
    { name: 'link', type: 'symlink', linkname: '/etc/passwd' },
    /"link" is a symlink/,
  ],
  ['a hard link', { name: 'link', type: 'link', linkname: 'instrument.c' }, /"link" is a link/],
  ['a device', { name: 'null', type: 'character-device' }, /is a character-device/],
  ['a pipe', { name: 'pipe', type: 'fifo' }, /is a fifo/],
  ['an absolute name', { name: '/etc/passwd' }, /not a plain relative name/],
  ['a way out', { name: '../outside.c' }, /not a plain relative name/],
  ['a way out in the middle', { name: 'a/../../outside.c' }, /not a plain relative name/],
  ['a hidden file', { name: '.bashrc' }, /not a plain relative name/],
  ['a name with a line break', { name: 'a\nb.c' }, /not a plain relative name/],
  ['a name with a quote', { name: "a'b.c" }, /not a plain relative name/],
  ['a folder with the name of a file', { name: 'instrument.c/a.h' }, /is a file and a folder/],
  ['a name of 5,000 bytes', { name: `${'n'.repeat(5000)}.c` }, /not a plain relative name/],
  [
    'another name behind a plain one',
    { name: 'plain.c', pax: { path: '../outside.c' } },
    /not a plain relative name/,
  ],
  ['a name that differs only in case', { name: 'Instrument.c' }, /occurs twice/],
  ['too many folders', { name: `${'d/'.repeat(UPLOAD_LIMITS.depth)}x.c` }, /folders deep/],
] as const)('%s is refused, and the error names the entry', async (_, entry, reason) => {
  expect(await refusal(source, entry as Entry)).toMatch(reason);
});

test('too many files and too many bytes are refused while reading', async () => {
  const many = Array.from({ length: UPLOAD_LIMITS.files + 1 }, (_, index) => ({
    name: `f${index}.c`,
  }));
  expect(await refusal(...many)).toMatch(/BAD_ARCHIVE .*more than \d+ files/);
  expect(
    await refusal({ name: 'big.c', content: Buffer.alloc(UPLOAD_LIMITS.unpackedBytes + 1) }),
  ).toMatch(/bytes unpacked/);
});

test('an entry with an invalid size and an archive that ends early are refused at once', async () => {
  const packed = await pack(source);
  const sizeless = Buffer.from(packed);
  sizeless.fill(0xf8, 124, 136);
  sizeless.write('        ', 148, 'latin1');
  sizeless.write(
    `${sizeless
      .subarray(0, 512)
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );

  await expect(cleanArchive(sizeless)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' });
  await expect(cleanArchive(packed.subarray(0, 520))).rejects.toMatchObject({
    code: 'BAD_ARCHIVE',
  });
});

test('a file that is not a tar and a folder without sources are refused', async () => {
  await expect(cleanArchive(Buffer.from('hello'.repeat(300)))).rejects.toMatchObject({
    code: 'BAD_ARCHIVE',
  });
  expect(await refusal({ name: 'README', content: 'x' })).toMatch(
    /neither a C source nor a Makefile/,
  );
});
