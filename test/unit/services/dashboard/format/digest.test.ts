// SPDX-License-Identifier: GPL-2.0-or-later
import { shortDigest } from '#dashboard/format/digest.js';

const [A, B] = [`sha256:${'a1'.repeat(32)}`, `sha256:${'b2'.repeat(32)}`];

test('digests are shortened, also in lists of hosts; chosen names are not', () => {
  expect(
    [A, A.slice('sha256:'.length), `${A}+${B}`, 'lab-1 (EPYC 7313)', 'sha256:short'].map(
      shortDigest,
    ),
  ).toEqual([
    'a1a1a1a1a1a1',
    'a1a1a1a1a1a1',
    'a1a1a1a1a1a1+b2b2b2b2b2b2',
    'lab-1 (EPYC 7313)',
    'sha256:short',
  ]);
});
