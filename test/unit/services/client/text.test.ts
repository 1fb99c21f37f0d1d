// SPDX-License-Identifier: GPL-2.0-or-later
import { decodeText } from '#client/text.js';
import { parseYaml } from '#client/job-file.js';
import { JobFile } from '#contract/job.js';

test('a byte order mark of UTF-8 is not part of the text', () => {
  expect(JSON.parse(decodeText(Buffer.from('\ufeff{"a":"ö"}')))).toEqual({ a: 'ö' });
});

test.each([
  ['with a mark', Buffer.from('\ufeff{}', 'utf16le')],
  ['of the other order', Buffer.from('\ufeff{}', 'utf16le').swap16()],
  ['without a mark', Buffer.from('{}', 'utf16le')],
])('UTF-16 %s is refused readably', (_, bytes) => {
  expect(() => decodeText(bytes)).toThrow('the file is UTF-16; save it as UTF-8');
});

test('other bytes are refused readably', () => {
  expect(() => decodeText(Buffer.from([0x7b, 0xe4, 0x7d]))).toThrow('the file is not UTF-8 text');
});

test('the message for a job file has the first broken rule', () => {
  const job = {
    name: 'j',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    variants: ['none'],
    workloads: [{ name: 'port-io' }],
  };
  const parse = (changes: object) => () =>
    parseYaml(JSON.stringify({ ...job, ...changes }), 'job.yaml', JobFile);

  expect(parse({ blocks: 5 })).toThrow(/^job\.yaml: blocks: .*>=6$/);
  expect(parse({ blocks: 5, seed: 'x' })).toThrow(/^job\.yaml: blocks: .*>=6; and 1 more$/);
  expect(parse({ measure: { threshold: '5 %' } })).toThrow('5 % is written 0.05');
  expect(parse({ measure: { threshold: 0 } })).toThrow('at least 0.0001, which is 0.01 %');
});

test.each(['blocks: 6\nblocks: 7\n', '{"blocks":6,"blocks":7}'])(
  'a job file that repeats a key is refused with the place: %j',
  (text) => {
    expect(() => parseYaml(text, 'job.yaml', JobFile)).toThrow(
      /^job\.yaml: Map keys must be unique at line \d, column \d+:[^]*blocks/,
    );
  },
);
