// SPDX-License-Identifier: GPL-2.0-or-later
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readHostile } from '#worker/measure/profile/hostile-reader.js';
import { ProfileFormatError } from '#worker/measure/profile/callgrind-file.js';
import { parseObjdump } from '#worker/measure/profile/objdump.js';

const fileOf = (text: string) => ({ file: Buffer.from(text), map: Buffer.alloc(0) });
const PROFILE = 'events: Ir\nob=(1) x\nfl=(1) y.c\nfn=(1) main\n16 20\n';

/** One function with 100,000 copies of the compiler, which are one function of the profile. */
const COPIES = Array.from(
  { length: 100_000 },
  (_, copy) => `fn=(${copy + 2}) f.constprop.${copy}\n1 1\n`,
).join('');

test('a profile that needs much work leaves the thread of the leases free', async () => {
  const reading = readHostile('profile', fileOf(PROFILE + COPIES));

  expect(await Promise.race([reading.then(() => 'read'), nextTurn('free')])).toBe('free');
  expect((await reading).total).toBe(100_020);
}, 60_000);

test.each([
  ['is damaged', fileOf('hello'), undefined, /lacks the line/],
  ['takes longer than any profile', fileOf(PROFILE), 0, /cannot be read/],
])('a profile that %s is missing, and the job goes on', async (_, inputs, timeMs, message) => {
  const error = await readHostile('profile', inputs, timeMs).catch((reason: Error) => reason);

  expect(error).toBeInstanceOf(ProfileFormatError);
  expect((error as Error).message).toMatch(message);
});

const ROWS = 600;
const EVENTS = Array.from({ length: ROWS }, (_, number) => `event_${number}`);

test('a disassembly of any program has few trace points and a bounded listing', async () => {
  const instruction = (event: string, row: number) =>
    `trace_${event}():\nx.c:1\n    ${(0x1000 + row).toString(16)}:\t90 \tnop\n`;
  const listing = `0000000000001000 <f>:\n${EVENTS.map(instruction).join('')}`;

  const { points } = await readHostile('code', { listing, events: EVENTS });

  expect(points.length).toBe(200);
  expect(points.reduce((sum, point) => sum + point.listing.length, 0)).toBe(10_000);
});

test('an instruction that is inlined through any number of functions has few of them', () => {
  const callers = Array.from({ length: 10_000 }, (_, row) => ` inlined by x.c:1 (f${row})\n`);
  const listing = `0000000000001000 <f>:\n${callers.join('')}    1000:\t90 \tnop\n`;

  const [instruction] = parseObjdump(listing)[0]!.instructions;

  expect(instruction!.functions.length).toBeLessThan(100);
});
