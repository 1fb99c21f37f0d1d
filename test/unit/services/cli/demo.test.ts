// SPDX-License-Identifier: GPL-2.0-or-later
import { nextSteps } from '#cli/demo.js';

const URL = 'http://127.0.0.1:7171';

test('a demo that ends names no address of the service that it stops', () => {
  const text = nextSteps(URL, 'j1', { exit: true });

  expect(text).not.toContain('http');
  expect(text).toMatch(/\.\/qibench up +starts it again\n +\.\/qibench show j1$/);
});

test('a demo that stays up names the addresses, and how it ends', () => {
  expect(nextSteps(URL, 'j1', { exit: false })).toMatch(
    /all jobs +http:\/\/127\.0\.0\.1:7171\/\n[^]*show j1\n[^]*Ctrl-C stops it/,
  );
});
