// SPDX-License-Identifier: GPL-2.0-or-later
import { escapeCommand, Log } from '#action/log.js';
import { code, plain, pre, table } from '#client/markdown.js';
import { fitted } from '#action/sections.js';

const HOSTILE = [
  '@everyone',
  '[x](javascript:alert(1))',
  '`` ` ``',
  'a|b\\|c',
  '<img src=x onerror=alert(1)>',
  '</code><script>',
  '#1 GH-1',
  'https://evil.example',
  '**b** _i_ ~s~',
  '&amp;',
  '::error::x',
  '![x](y)',
  '--- \n# h',
];

test.each(HOSTILE)('%j keeps no character that Markdown or HTML reads as structure', (text) => {
  const inside = code(text).slice('<code>'.length, -'</code>'.length);

  expect(inside).toMatch(/^(?:[A-Za-z0-9 ]|&#\d+;)*$/);
  expect(
    inside.replace(/&#(\d+);/g, (_, number: string) => String.fromCharCode(Number(number))),
  ).toBe(text.replace(/\s+/g, ' '));
});

test('the content of a block cannot end the block, and control characters become visible', () => {
  expect(pre('a\n</pre>\n\u001b[31m@x')).toBe(
    '<pre>\na\n&#60;&#47;pre&#62;\n&#92;x1b&#91;31m&#64;x\n</pre>',
  );
});

test('long text is truncated between characters, not within one', () => {
  expect(code('😀😀😀', 2)).toBe('<code>😀…</code>');
});

test.each([
  '::error::x',
  '  ::set-output name=a::b',
  'x ##[add-mask]y',
  'a\n::error::b',
  'a\r\n::error::b',
  'a\u2028::error::b',
  '\u001b::error::x',
])('%j printed by us is not a command', (text) => {
  const line = escapeCommand(text);

  expect(line).not.toMatch(/[\n\r]/);
  expect(line.trimStart().startsWith('::')).toBe(false);
  expect(line).not.toContain('##[');
});

test('foreign output stands between two tokens that it cannot know', () => {
  const lines: string[] = [];
  new Log((line) => lines.push(line)).untrusted('::error::x\n##[error]y');

  const token = /^::stop-commands::([0-9a-f-]{36})$/.exec(lines[0]!)![1];
  expect(lines).toEqual([`::stop-commands::${token}`, '::error::x', '##[error]y', `::${token}::`]);
});

test('a report within the limit is complete', () => {
  expect(
    fitted(
      [
        { title: 'a', lines: ['A'] },
        { title: 'b', lines: ['B'], rows: ['1', '2'], end: 'E' },
      ],
      10_000,
      '',
    ),
  ).toBe('A\n\nB\n1\n2\nE');
});

test(
  'a report above the limit loses rows, then sections, from the end, fits the limit in bytes, ' +
    'and says so',
  () => {
    const rows = table(
      ['ü'],
      Array.from({ length: 1000 }, (_, index) => [`ü${index}`]),
    );
    const [top, line, ...body] = rows as [string, string, ...string[]];
    const text = fitted(
      [
        { title: 'head', lines: ['HEAD'] },
        { title: 'rows', lines: [top, line], rows: body, end: '\n</details>' },
        { title: 'the end', lines: ['x'.repeat(3_000)] },
      ],
      4_000,
      'All: here',
    );

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_000);
    expect(text).toMatch(/^HEAD\n\n\| ü \|/);
    expect(text).toMatch(/… and \d+ more row\(s\), left out for GitHub's limit\.\n\n<\/details>/);
    expect(text).toContain("_Left out for GitHub's limit: the end. All: here_");
  },
);

test.each([
  '@everyone',
  'a@b.example',
  'https://evil.example',
  'www.evil.example',
  '#1',
  'o/n#1',
  'GH-1',
  '**b**',
  '<b>',
  '[x](y)',
  '![x](y)',
  '`x`',
  '&lt;',
  'a|b',
  '~~x~~',
  '\\*',
])('%j quoted in prose stays text', (text) => {
  const quoted = plain(text);

  expect(quoted).not.toMatch(/[<>`|[\]*_~#&\\!]|@\w|:\/\/|www\.|GH-\d/);
  expect(quoted.replace(/[\s\u200b]/g, '')).toBe(text.replace(/[<>`|[\]*_~#&\\!]/g, ''));
});
