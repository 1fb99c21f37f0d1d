// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { changedFiles, patchComplaints } from '#contract/patch-text.js';

const diff = (file: string) => `--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-a\n+b\n`;

test('the files changed by a diff are named without their prefix, including new ones', () => {
  expect(
    changedFiles(`${diff('cpu.c')}--- /dev/null\n+++ b/hw/new.c\t2024-01-01\n@@ -0,0 +1 @@\n+x\n`),
  ).toEqual(['cpu.c', 'hw/new.c']);
  expect(changedFiles(readFileSync('qemu/patches/7.2/0003-build-options.patch', 'utf8'))).toContain(
    'meson.build',
  );
});

test('a complaint names its file, which patch(1) prints before or after it', () => {
  expect(
    patchComplaints([
      'patching file hw/a.c',
      'Hunk #1 succeeded at 3 (offset 1 line).',
      "patching file 'hw/with space.c'",
      'Hunk #2 FAILED at 12.',
      '1 out of 2 hunks FAILED',
      "can't find file to patch at input line 4",
      'Perhaps you used the wrong -p or --strip option?',
      'The text leading up to this was:',
      '--------------------------',
      '|diff --git a/hw/gone.c b/hw/gone.c',
      '|--- a/hw/gone.c',
      '|+++ b/hw/gone.c',
      '--------------------------',
      'No file to patch.  Skipping patch.',
      '2 out of 2 hunks ignored',
    ]),
  ).toEqual([
    'hw/with space.c: Hunk #2 FAILED at 12.',
    "hw/gone.c: can't find file to patch at input line 4",
  ]);
});
