// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { withTable } from '#tools/settings.js';

test('docs/operating.md has the table of the settings that the processes read', () => {
  const document = readFileSync('docs/operating.md', 'utf8');

  expect(document).toContain('| `QIBENCH_HOME` | command |');
  expect(withTable(document)).toBe(document);
});
