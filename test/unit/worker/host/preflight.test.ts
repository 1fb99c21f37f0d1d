// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CHANGEABLE_KNOBS, knobLine, preflight } from '#worker/host/preflight.js';

const CPU = 'sys/devices/system/cpu';
const THP = 'sys/kernel/mm/transparent_hugepage/enabled';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'qibench-knobs-'))));
afterEach(() => rmSync(root, { recursive: true }));

function files(contents: Record<string, string>): void {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
}
const untuned = () =>
  files({
    [`${CPU}/cpu0/cpufreq/scaling_governor`]: 'powersave',
    [`${CPU}/cpu1/cpufreq/scaling_governor`]: 'performance',
    [`${CPU}/intel_pstate/no_turbo`]: '0',
    [`${CPU}/smt/control`]: 'on',
    [THP]: '[always] madvise never',
    'proc/swaps': 'Filename Type\n/swapfile file',
    'proc/sys/kernel/randomize_va_space': '0',
  });
const look = async (setting?: string) =>
  Object.fromEntries(
    (await preflight(new Set(setting?.split(',')), root)).map((report) => [report.name, report]),
  );

test('a host that reports nothing is shown as unknown, and no read fails', async () => {
  const reports = await preflight(new Set(), root);

  expect(reports.map(({ name }) => name)).toEqual([
    'governor',
    'turbo',
    'smt',
    'thp',
    'swap',
    'aslr',
  ]);
  expect(reports.map(({ value, status, reason }) => [value, status, reason])).toEqual(
    Array(6).fill([null, 'skipped', 'this host does not show it']),
  );
});

test('without a setting every knob is reported and left alone', async () => {
  untuned();

  const knobs = await look();

  expect(Object.values(knobs).map(({ value, status }) => [value, status])).toEqual([
    ['performance,powersave', 'skipped'],
    ['on', 'skipped'],
    ['on', 'skipped'],
    ['always', 'skipped'],
    ['1 in use', 'skipped'],
    ['off', 'skipped'],
  ]);
  expect(knobs.thp!.reason).toBe('QIBENCH_TUNE does not name it; better: madvise or never');
  expect(readFileSync(join(root, THP), 'utf8')).toContain('[always]');
});

test('a knob named by the setting is turned, on every CPU', async () => {
  untuned();

  const knobs = await look('governor,turbo,smt');

  expect([knobs.governor, knobs.turbo, knobs.smt]).toMatchObject([
    { value: 'performance', status: 'set' },
    { value: 'off', status: 'set' },
    { value: 'off', status: 'set' },
  ]);
  expect(readFileSync(join(root, `${CPU}/cpu0/cpufreq/scaling_governor`), 'utf8')).toBe(
    'performance',
  );
  expect(await look('governor')).toMatchObject({ governor: { status: 'already', reason: null } });
});

test('a knob that cannot be turned is reported', async () => {
  untuned(); // a real THP file answers with brackets; this one returns the written text

  expect((await look('thp')).thp).toMatchObject({
    status: 'skipped',
    value: null,
    reason: 'it did not change; better: madvise or never',
  });
});

test("boost of CPUs other than Intel's is turbo too", async () => {
  files({ [`${CPU}/cpufreq/boost`]: '1' });

  expect((await look('turbo')).turbo).toMatchObject({ value: 'off', status: 'set' });
  expect(readFileSync(join(root, `${CPU}/cpufreq/boost`), 'utf8')).toBe('0');
});

test('a knob that is never changed cannot be chosen', () => {
  expect(CHANGEABLE_KNOBS).toEqual(['governor', 'turbo', 'smt', 'thp', 'priority']);
});

test('a report is one line', () => {
  expect(knobLine({ name: 'smt', value: 'on', status: 'skipped', reason: 'no' })).toBe(
    'smt: on (skipped: no)',
  );
  expect(knobLine({ name: 'smt', value: 'off', status: 'already', reason: null })).toBe(
    'smt: off (already)',
  );
});
