// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TraceList } from '#contract/trace.js';
import type { TraceGaps } from '#contract/trace-query.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import { storeTrace } from '#support/stored-trace.js';
import { header, mapping, record } from '#support/trace-encoder.js';

const EVENTS_FILE = 'tick(void *mr, uint64_t addr) "mr %p addr 0x%"PRIx64\nother(int value) "%d"\n';
/** Times of the ticks after the first record. */
const TIMES = [0, 5, 40_000, 40_005, 102_269, 102_270];
const TICKS = TIMES.map((ns, index) =>
  record(1n, 7_000_000n + BigInt(ns), 3, 0x7f00n, BigInt(16 * index)),
);
const START = [header(), mapping(1n, 'tick'), mapping(2n, 'other')];
const OTHER = record(2n, 7_060_000n, 4, 16n);

let store: Store;
let server: string;
let stop: () => Promise<void>;
let traceId: string;
let jobId: string;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  const api = await startApi();
  ({ stop } = api);
  ({ server } = api.client);
  ({ traceId, jobId } = await storeTrace(store, EVENTS_FILE, [...START, ...TICKS, OTHER]));
}, 60_000);
afterAll(async () => {
  await stop();
  await store.close();
});

const execute = promisify(execFile);
const command = async (...words: string[]) =>
  (await execute(process.execPath, ['dist/services/cli/main.js', '--server', server, ...words]))
    .stdout;
const BASE = "times since the first record, at 7000000 ns of the host's clock";

test('the list names the traces of a job', async () => {
  expect(await command('trace', 'list', jobId)).toContain(
    `${traceId}  w backend-simple block 1: 7 records`,
  );
  const listed = JSON.parse(await command('--json', 'trace', 'list', jobId)) as TraceList;
  expect(listed.traces[0]!.id).toBe(traceId);
});

test('records have relative times, and addresses in hexadecimal as their events declare', async () => {
  const shown = await command('trace', 'show', traceId, '--limit', '7');
  expect(shown.trimEnd().split('\n').slice(-9)).toEqual([
    BASE,
    'all 7 matching records:',
    '0  0 ns  3  tick(mr=0x7f00, addr=0x0)',
    '1  5 ns  3  tick(mr=0x7f00, addr=0x10)',
    '2  40.000 µs  3  tick(mr=0x7f00, addr=0x20)',
    '3  40.005 µs  3  tick(mr=0x7f00, addr=0x30)',
    '4  102.269 µs  3  tick(mr=0x7f00, addr=0x40)',
    '5  102.270 µs  3  tick(mr=0x7f00, addr=0x50)',
    '6  60.000 µs  4  other(value=16)',
  ]);
});

test('a selection alone shows records; without a match the command says that', async () => {
  expect(await command('trace', 'show', traceId, '--where', 'addr=0x50')).toContain(
    '\n5  102.270 µs  3  tick(mr=0x7f00, addr=0x50)\n',
  );
  expect(await command('trace', 'show', traceId, '--where', 'addr=6')).toContain(
    '\nno matching records\n',
  );
});

test('gaps are a table whose times the command takes back', async () => {
  const [base, ...table] = (await command('trace', 'gaps', traceId, '--limit', '1')).split('\n');
  expect([base, cellsOf(table[3]!)]).toEqual([
    BASE,
    ['62.264 µs', '40.005 µs', '102.269 µs', '3 → 4', '3', 'tick → tick'],
  ]);
  const shown = await command('trace', 'show', traceId, '--from', '40.005 µs', '--limit', '2');
  expect(shown.trimEnd().split('\n').slice(-3)).toEqual([
    'the first 2 matching records; a higher --limit may show more:',
    '3  40.005 µs  3  tick(mr=0x7f00, addr=0x30)',
    '4  102.269 µs  3  tick(mr=0x7f00, addr=0x40)',
  ]);
  const early = JSON.parse(
    await command('--json', 'trace', 'gaps', traceId, '--to', '7040000'),
  ) as TraceGaps;
  expect(early.gaps.map(({ durationNs }) => durationNs)).toEqual(['39995', '5']);
  expect(await command('trace', 'gaps', traceId, '--event', 'other')).toBe(
    'no gaps: no pid has two matching records at different times\n',
  );
});

test('an export takes both forms of a time', async () => {
  const sequences = async (...options: string[]) =>
    (await command('trace', 'export', traceId, '--format', 'csv', ...options))
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
  expect(await sequences('--from', '40us', '--to', '40.005us')).toEqual(['2', '3']);
  expect(await sequences('--from', '7060000')).toEqual(['4', '5', '6']);
});

test('the list of events is a file, and always whole', async () => {
  expect(await command('trace', 'export', traceId, '--format', 'events-file')).toBe(EVENTS_FILE);
});

test('a comparison shows the first difference with the times of each trace', async () => {
  const { traceId: later } = await storeTrace(store, EVENTS_FILE, [
    ...START,
    record(1n, 9_000_000n, 3, 0x7f00n, 0n),
    record(1n, 9_000_007n, 3, 0x7f00n, 0x11n),
  ]);
  expect(await command('trace', 'compare', traceId, traceId)).toContain(
    'no difference in 7 records',
  );
  await expect(command('trace', 'compare', traceId, later)).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining(
      [
        'differ at record 1; times since the first record of each trace:',
        '  1  5 ns  3  tick(mr=0x7f00, addr=0x10)',
        '  1  7 ns  3  tick(mr=0x7f00, addr=0x11)',
        '',
      ].join('\n'),
    ) as string,
  });
});

test.each([
  [['show', '--from', '500'], /--from: "500" has no unit .* write 500ns/],
  [['show', '--from', 'soon'], /--from: "soon" is not a time like 62\.269us/],
  [['show', '--from', '1s'], /--from: "1s" is after the last record, at 102\.270 µs/],
  [['show', '--from', '60us', '--to', '40us'], /--to: "40us" is before --from "60us"/],
  [['gaps', '--from', '60us', '--to', '40us'], /--to: "40us" is before --from "60us"/],
  [['show', '--limit', 'many'], /--limit .* whole number from 0 to 1000000/],
  [['show', '--event', 'nothing'], /the trace has no event "nothing"/],
  [['gaps', '--limit', '0'], /--limit .* whole number from 1 to 1000/],
  [['export', '--format', 'raw', '--to', '1us'], /--format raw is always whole/],
  [['export', '--format', 'events-file', '--event', 'tick'], /events-file is always whole/],
])('trace %j is refused', async ([name, ...options], message) => {
  await expect(command('trace', name!, traceId, ...options)).rejects.toMatchObject({
    stderr: expect.stringMatching(message) as string,
  });
});

/** Returns the cells of a line of a table. */
const cellsOf = (line: string): string[] =>
  line
    .split('│')
    .slice(1, -1)
    .map((cell) => cell.trim());

test('a raw file is not written to a terminal', async () => {
  const onTerminal = `${process.execPath} dist/services/cli/main.js --server ${server}`;
  const raw = execute('script', [
    '-qec',
    `${onTerminal} trace export ${traceId} --format raw`,
    '/dev/null',
  ]);
  await expect(raw).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('binary data is not for a terminal') as string,
  });
});
