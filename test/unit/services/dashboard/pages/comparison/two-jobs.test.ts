// SPDX-License-Identifier: GPL-2.0-or-later
import { aligned } from '#dashboard/pages/comparison/aligned.js';
import { differences, sameHost } from '#dashboard/pages/comparison/differences.js';
import { exampleReport } from '#support/example-report.js';

const { job, comparison } = exampleReport(['a', 'b']);

test('equal jobs have no differences', () => {
  expect(differences({ ...job, hosts: ['x'] }, { ...job, hosts: ['x'] })).toEqual([]);
});

test('differences name host, QEMU, events and instrumentation', () => {
  const head = {
    qemu: { version: '10.0', target: 'x86_64-softmmu' as const, patches: null },
    events: ['exec_tb'],
    instrumentation: `sha256:${'a'.repeat(64)}`,
  };
  const other = {
    ...job,
    plan: { ...job.plan, sides: { head, base: null, same: false } },
    hosts: ['y'],
  };
  expect(differences({ ...job, hosts: ['x'] }, other).map(({ what }) => what)).toEqual([
    'Host',
    'QEMU',
    'Events',
    'Instrumentation',
  ]);
});

test('a ratio of ratios needs a single host in both jobs', () => {
  expect([
    sameHost(['x'], ['x']),
    sameHost(['x'], ['y']),
    sameHost(['x', 'y'], ['x', 'y']),
    sameHost([], []),
  ]).toEqual([true, false, false, false]);
});

test('overheads are aligned by workload and variant, even if only one job has them', () => {
  const rows = aligned(comparison, {
    rows: comparison.rows.filter(({ workload }) => workload === 'b').reverse(),
  });
  expect(
    rows.map(({ workload, variant, ratioOfRatios, overlap }) => [
      workload,
      variant,
      ratioOfRatios,
      overlap,
    ]),
  ).toEqual([
    ['a', 'dynamic', null, null],
    ['b', 'dynamic', 1, true],
  ]);
  expect(aligned({ rows: [] }, comparison)).toHaveLength(2);
});

test('whether intervals overlap is open while a job has too few blocks for one', () => {
  const few = comparison.rows.map((row) => ({
    ...row,
    ratio: row.ratio && { ...row.ratio, confidence: 0, blocks: 1 },
  }));
  expect(aligned(comparison, { rows: few })[0]).toMatchObject({ ratioOfRatios: 1, overlap: null });
});

test('each aligned row has the minimum detectable effect of both jobs', () => {
  const [row] = aligned(comparison, {
    rows: comparison.rows.map((row) => ({ ...row, minimumDetectableRatio: 1.5 })),
  });
  expect(row!.mde).toEqual({
    here: comparison.rows.find(({ variant }) => variant === 'dynamic')!.minimumDetectableRatio,
    there: 1.5,
  });
});
