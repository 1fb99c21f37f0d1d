// SPDX-License-Identifier: GPL-2.0-or-later
import { patchConflict, seriesOf } from '#worker/build/patched.js';

const diff = (file: string) => `--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-a\n+b\n`;

test('cover letters and empty commits are skipped; other files without a diff are not', () => {
  const mail = (subject: string, body: string) =>
    `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: ${subject}\n\n${body}`;
  const files = [
    { path: '0000-cover-letter.patch', content: mail('[PATCH 0/2] all', 'text\n-- \n2.39.5\n') },
    { path: 'v3-0000-x.patch', content: mail('[RFC PATCH v3 00/12] x', `${diff('a.c')}`) },
    { path: '0001-a.patch', content: Buffer.from(mail('[PATCH 1/2] a', `---\n${diff('a.c')}`)) },
    { path: '0002-empty.patch', content: mail('[PATCH 2/2] nothing', '---\n-- \n2.39.5\n') },
    { path: '0003-garbage.patch', content: '<html>not found</html>' },
    { path: '0004-plain.patch', content: diff('b.c') },
  ];

  const { applied, skipped } = seriesOf(files);
  expect(skipped).toEqual(['0000-cover-letter.patch', 'v3-0000-x.patch', '0002-empty.patch']);
  expect(applied.map(({ path }) => path)).toEqual([
    '0001-a.patch',
    '0003-garbage.patch',
    '0004-plain.patch',
  ]);
});

test("the error names an uploaded patch's conflict with our patch, and the file", () => {
  const uploaded = {
    digest: 'd',
    files: [
      { path: '0001-a.patch', content: diff('other.c') },
      { path: '0002-b.patch', content: Buffer.from(diff('meson.build')) },
    ],
  };
  const error = patchConflict(
    { name: '0003-build-options.patch', changes: ['meson.build', 'configure'] },
    uploaded,
    'Hunk #1 FAILED at 3.',
  )!;
  expect(error).toMatchObject({ code: 'PATCH_CONFLICT', kind: 'user' });
  expect(error.message).toBe(
    "patch 0002-b.patch changes meson.build, which qibench's patch 0003-build-options.patch " +
      'changes too, and the two conflict: Hunk #1 FAILED at 3.',
  );
  expect(error.details).toEqual([
    {
      path: '0002-b.patch',
      message: 'changes meson.build, which 0003-build-options.patch changes too',
    },
  ]);
  expect(patchConflict({ name: 'x', changes: ['nothing'] }, uploaded, '')).toBeNull();
});
