// SPDX-License-Identifier: GPL-2.0-or-later
import { formatsOf } from '#domain/trace/event-formats.js';

const FILE = `# See docs/devel/tracing.rst for syntax documentation.

# read_commented(int value) "%d"
read(void *mr, uint64_t addr) "mr %p addr 0x%"PRIx64
disable write(uint64_t addr) "addr 0x%"PRIx64" (write)"
vcpu guest_mem_before(uint64_t vaddr) "info"
silent(void)
long_format(void) "${'x'.repeat(2_000)}"
readahead(int pages) "%d"
`;

test('formats are found by the exact name of an event, with its properties left out', () => {
  expect(formatsOf(FILE, new Set(['read', 'write', 'guest_mem_before']))).toEqual(
    new Map([
      ['read', '"mr %p addr 0x%"PRIx64'],
      ['write', '"addr 0x%"PRIx64" (write)"'],
      ['guest_mem_before', '"info"'],
    ]),
  );
});

test('an event without a format, with an excessive one or in a comment has none', () => {
  const names = new Set(['silent', 'long_format', 'read_commented', 'unknown']);
  expect(formatsOf(FILE, names)).toEqual(new Map());
});
