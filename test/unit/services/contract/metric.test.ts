// SPDX-License-Identifier: GPL-2.0-or-later
import {
  MEASURES,
  SAMPLE_METRICS,
  isSampleMetric,
  measuresWith,
  metricsOf,
} from '#contract/metric.js';
import { Sample } from '#contract/sample.js';
import { WorkloadDefinition } from '#contract/workload.js';

const workload = (name: string, unit: string) =>
  WorkloadDefinition.parse({
    name: 'w',
    summary: '',
    targets: ['x86_64-softmmu'],
    run: { arguments: [], exitStatus: 0, timeoutSeconds: 1 },
    metrics: [{ name, unit, direction: 'larger', description: '' }],
  });

test('every sample metric of the registry is a field of a sample', () => {
  expect(SAMPLE_METRICS.map(({ name }) => name).filter((name) => !(name in Sample.shape))).toEqual(
    [],
  );
});

test('workloads add their own metrics, which cannot replace another', () => {
  const all = metricsOf([
    workload('guest.speed', 'ops'),
    workload('guest.speed', 'other'),
    workload('wallNs', 'bananas'),
  ]);

  expect(all.map(({ name }) => name)).toEqual([
    ...SAMPLE_METRICS.map(({ name }) => name),
    'cpuNs',
    'guest.speed',
  ]);
  expect(all.find(({ name }) => name === 'wallNs')!.unit).toBe('ns');
  expect(all.at(-1)).toMatchObject({ unit: 'ops', direction: 'larger-is-better' });
  expect([isSampleMetric('wallNs'), isSampleMetric('guest.speed'), isSampleMetric('id')]).toEqual([
    true,
    false,
    false,
  ]);
});

test(
  'histories and exports have every metric of the registry, with the ratio of wall times after ' +
    'the first',
  () => {
    expect(MEASURES.map(({ name }) => name)).toEqual([
      'wallNs',
      'wallRatio',
      'cpuNs',
      ...SAMPLE_METRICS.slice(1).map(({ name }) => name),
    ]);
    expect(
      measuresWith([workload('guest.speed', 'ops'), workload('wallRatio', 'bananas')]).map(
        ({ name }) => name,
      ),
    ).toEqual([...MEASURES.map(({ name }) => name), 'guest.speed']);
  },
);

test('a workload cannot declare a metric that a guest cannot print or an import rejects', () => {
  for (const name of ['Speed', 'two words', '', 'x'.repeat(65)])
    expect(() => workload(name, 'ops')).toThrow('a lower-case letter');
});
