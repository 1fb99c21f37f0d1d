// SPDX-License-Identifier: GPL-2.0-or-later
import { AnonymousRefusals } from '#api/auth/anonymous-refusals.js';

const HOUR_MS = 3_600_000;
const START_MS = 1_800_000_000_000;
const admitted = (refusals: AnonymousRefusals, ips: readonly string[], nowMs = START_MS) =>
  ips.filter((ip) => refusals.admits(ip, nowMs)).length;
const times = (count: number, ip: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => ip(index));

test('an address has 100 recorded refusals an hour, and does not use up refusals of another', () => {
  const refusals = new AnonymousRefusals();

  expect(
    admitted(
      refusals,
      times(5_000, () => '192.0.2.1'),
    ),
  ).toBe(100);
  expect(admitted(refusals, ['192.0.2.2'])).toBe(1);
  expect(admitted(refusals, ['192.0.2.1'], START_MS + HOUR_MS - 1)).toBe(0);
  expect(admitted(refusals, ['192.0.2.1'], START_MS + HOUR_MS)).toBe(1);
});

test('any number of addresses have 1,000 recorded refusals an hour', () => {
  const refusals = new AnonymousRefusals();

  expect(
    admitted(
      refusals,
      times(5_000, (index) => `2001:db8::${index}`),
    ),
  ).toBe(1_000);
});
