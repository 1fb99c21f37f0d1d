// SPDX-License-Identifier: GPL-2.0-or-later
import { printable, printableJson } from '#client/printable.js';

/** Characters that move a cursor, set a title, or turn the direction of the text around them. */
const HOSTILE = ['\u001b[2J', '\u009b2J', '\u007f', '\u202e', '\u2066', '\u200f', '\u061c'];
const CONTROL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

test.each(HOSTILE)('the control character in %j becomes visible in text and in JSON', (text) => {
  expect(printable(text)).not.toMatch(CONTROL);
  expect(printable(text)).toMatch(/^\\x/);
  expect(printableJson({ [text]: [text] })).not.toMatch(CONTROL);
});

test('JSON for a terminal is the same value to every parser, and keeps other letters', () => {
  const value = { name: HOSTILE.join(' '), other: 'größe 値 😀', n: 1 };

  expect(JSON.parse(printableJson(value, 2))).toEqual(value);
  expect(printableJson(value)).toContain('größe 値 😀');
});

test('text keeps its lines and tabs', () => {
  expect(printable('a\tb\r\nc\n')).toBe('a\tb\nc\n');
});
