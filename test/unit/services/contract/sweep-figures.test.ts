// SPDX-License-Identifier: GPL-2.0-or-later
import { sweepAxes } from '#contract/sweep-figures.js';
import { costRow } from '#support/comparison.js';
import { plannedWorkload, variantOf } from '#support/job-plan.js';

const named = (axes: ReturnType<typeof sweepAxes>) =>
  axes.map(({ name, series }) => [
    name,
    series.map(({ variant, workload, points }) => [
      variant,
      workload,
      points.map(({ value }) => value),
    ]),
  ]);

test('rows of a swept workload are a series per variant, in the order of the values', () => {
  const workloads = [10, 100].map((writes) =>
    plannedWorkload(`port-io ports=2 writes=${writes}`, { swept: { writes } }),
  );
  const variants = [variantOf('none'), variantOf('dynamic')];
  const rows = workloads.flatMap(({ label }) =>
    variants.map(({ name }) => costRow({ variant: name, workload: label })),
  );

  expect(named(sweepAxes({ variants, workloads }, rows))).toEqual([
    [
      'writes',
      [
        ['none', 'port-io ports=2', [10, 100]],
        ['dynamic', 'port-io ports=2', [10, 100]],
      ],
    ],
  ]);
});

test('rows of a swept variant lack those without the value, and sides stay apart', () => {
  const variants = (['head', 'base'] as const).flatMap((side) => [
    variantOf('none', { side }),
    ...['a', 'b'].map((event) =>
      variantOf('static', { side, name: `static ${event}`, swept: { event } }),
    ),
  ]);
  const rows = variants.map(({ name, side }) => costRow({ variant: name, side, workload: 'w' }));

  expect(named(sweepAxes({ variants, workloads: [plannedWorkload()] }, rows))).toEqual([
    [
      'event',
      [
        ['static', 'w', ['a', 'b']],
        ['static@base', 'w', ['a', 'b']],
      ],
    ],
  ]);
});

test('every swept name has its own series, one for each value of the others', () => {
  const workloads = [1, 2].flatMap((smp) =>
    [10, 20].map((writes) =>
      plannedWorkload(`w smp=${smp} writes=${writes}`, { swept: { smp, writes } }),
    ),
  );
  const rows = workloads.map(({ label }) => costRow({ workload: label }));

  expect(named(sweepAxes({ variants: [variantOf('dynamic')], workloads }, rows))).toEqual([
    [
      'smp',
      [
        ['dynamic', 'w writes=10', [1, 2]],
        ['dynamic', 'w writes=20', [1, 2]],
      ],
    ],
    [
      'writes',
      [
        ['dynamic', 'w smp=1', [10, 20]],
        ['dynamic', 'w smp=2', [10, 20]],
      ],
    ],
  ]);
});

test('a job without a sweep has no axis', () => {
  expect(
    sweepAxes({ variants: [variantOf('none')], workloads: [plannedWorkload()] }, [costRow()]),
  ).toEqual([]);
});
