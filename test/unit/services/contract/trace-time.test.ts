// SPDX-License-Identifier: GPL-2.0-or-later
import { parseTraceStart, parseTraceTime, sinceFirst, timeText } from '#contract/trace-time.js';

const FIRST = 7_389_272_092_197n;
const TRACE = { firstNs: String(FIRST), lastNs: String(FIRST + 9_000_000_000n) };

test.each([
  ['62.269us', 62_269n],
  ['62.269 µs', 62_269n],
  ['62.269 μs', 62_269n],
  [' 157655ns ', 157_655n],
  ['1.5ms', 1_500_000n],
  ['3s', 3_000_000_000n],
  ['8.999999999 s', 8_999_999_999n],
  ['1.0009us', 1_000n],
  ['0ns', 0n],
])('%s counts from the first record', (text, ns) => {
  expect(parseTraceTime(text, TRACE)).toBe(FIRST + ns);
});

test("a number without a unit is a time of the host's clock", () => {
  expect(parseTraceTime('7389272154466', TRACE)).toBe(7_389_272_154_466n);
});

test('a number without a unit that is before the first record is refused with the way out', () => {
  expect(parseTraceTime('500', TRACE)).toBe(
    '"500" has no unit and is therefore a time of the host\'s clock, where the first record is at ' +
      '7389272092197 ns; write 500ns for a time since the first record',
  );
});

test.each(['', 'soon', '-1us', '1.5', '1h', '1e3ns', '0x10ns', '1.us', '.5us', '1 u s'])(
  '%j is refused',
  (text) => {
    expect(parseTraceTime(text, TRACE)).toBe(
      `"${text}" is not a time like 62.269us; units are ns, us, ms and s`,
    );
  },
);

test('a time after the last record is refused as a start, and taken as an end', () => {
  expect([parseTraceStart('9s', TRACE), parseTraceTime('10s', TRACE)]).toEqual([
    FIRST + 9_000_000_000n,
    FIRST + 10_000_000_000n,
  ]);
  expect(parseTraceStart('10s', TRACE)).toBe('"10s" is after the last record, at 9.000000000 s');
});

test.each([
  [0n, '0 ns'],
  [999n, '999 ns'],
  [62_269n, '62.269 µs'],
  [1_500_000n, '1.500000 ms'],
  [9_000_000_000n, '9.000000000 s'],
])('a time %i ns after the first record is shown to the nanosecond, and read back', (ns, text) => {
  expect(sinceFirst(String(FIRST + ns), TRACE)).toBe(text);
  expect(parseTraceTime(text, TRACE)).toBe(FIRST + ns);
});

test('a coarse step leaves out digits', () => {
  expect([timeText(1_234_567, 1_000), timeText(1_234_567, 1e6)]).toEqual(['1.235 ms', '1 ms']);
});
