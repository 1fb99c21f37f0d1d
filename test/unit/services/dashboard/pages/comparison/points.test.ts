// SPDX-License-Identifier: GPL-2.0-or-later
import type { Sample } from '#contract/sample.js';
import { noiseText } from '#dashboard/pages/comparison/noise.js';
import { describe as describeSample, stepped } from '#dashboard/pages/comparison/pointed.js';
import { pointsOf, quartiles, valueOf } from '#dashboard/pages/comparison/points.js';
import { absoluteScale } from '#dashboard/pages/comparison/value-scale.js';
import { exampleReport } from '#support/example-report.js';

const { samples } = exampleReport(['a']);
const sided = exampleReport(['a'], 1, 1.1, 1.3).samples;
const noise: Sample['noise'] = {
  stealNs: '10000000',
  pressureNs: { cpu: '2000000', io: '0', memory: null },
  load: 0.5,
  frequencyHz: null,
};

test('a metric is a field of a sample or a printed metric', () => {
  expect(valueOf(samples[0]!, 'maxRssBytes')).toBe(104857600);
  expect(valueOf(samples[0]!, 'writes')).toBe(10);
  expect(valueOf(samples[0]!, 'hostInstructions')).toBeNull();
  expect(valueOf(samples[0]!, 'constructor')).toBeNull();
});

test('points are in the order of measuring: by block, then by position', () => {
  const shuffled = [...samples].reverse();
  const order = pointsOf(shuffled, 'wallNs', null).map(({ sample }) => [
    sample.block,
    sample.position,
  ]);
  expect(order).toEqual([...order].sort(([a, b], [c, d]) => a! - c! || b! - d!));
  expect(new Set(pointsOf(samples, 'wallNs', null).map(({ x }) => x)).size).toBe(samples.length);
});

test('a ratio uses the baseline of the same side in the same block', () => {
  const points = pointsOf(sided, 'wallNs', 'none');
  expect(points).toHaveLength(sided.length);
  for (const { sample, y } of points) {
    const baseline = sided.find(
      ({ block, side, variant }) =>
        block === sample.block && side === sample.side && variant === 'none',
    )!;
    expect(y).toBe(Number(sample.wallNs) / Number(baseline.wallNs));
  }
});

test('with several baseline runs in a block, a ratio uses the run of its own group', () => {
  const [first] = samples;
  const run = (variant: string, group: number, wallNs: string) => ({
    ...first!,
    variant,
    group,
    wallNs,
    position: 2 * group + Number(variant !== 'none'),
  });
  const runs = [
    run('none', 0, '100'),
    run('idle', 0, '110'),
    run('none', 1, '200'),
    run('dynamic', 1, '240'),
  ];
  expect(pointsOf(runs, 'wallNs', 'none').map(({ y }) => y)).toEqual([1, 1.1, 1, 1.2]);
});

test('a description names the random conditions: link, CPU, work, environment and stack', () => {
  const sample = {
    ...samples[0]!,
    link: 3,
    cpus: '1',
    sizeValue: 2_000_000,
    environmentBytes: 1_024,
    stackBytes: 8 * 1024 ** 2,
  };
  const text = describeSample(
    pointsOf([sample], 'wallNs', null)[0]!,
    absoluteScale('wallNs', 'ns', [1]),
  );
  expect(text).toContain(
    'link 3 · CPU 1 · full (2,000,000) · environment +1,024 B · stack limit 8 MiB',
  );
});

test('processor time is the sum of user and system time', () => {
  expect(valueOf({ ...samples[0]!, userNs: '5', systemNs: '7' }, 'cpuNs')).toBe(12);
});

test('a reference of zero gives no ratio', () => {
  expect(pointsOf(samples, 'systemNs', 'none')).toEqual([]);
});

test('quartiles equal the type 7 of R', () => {
  expect(quartiles([4, 1, 3, 2])).toEqual({
    low: 1,
    lower: 1.75,
    median: 2.5,
    upper: 3.25,
    high: 4,
  });
  expect(quartiles([7])).toEqual({ low: 7, lower: 7, median: 7, upper: 7, high: 7 });
  expect(quartiles([])).toBeNull();
});

test('noise in words leaves out figures that the host does not report', () => {
  expect(noiseText(noise)).toBe('stolen 10.00 ms · waited for CPU 2.000 ms · load 0.50');
  expect(noiseText(null)).toBe('noise not recorded');
});

test('keys step through samples and blocks and stop at the ends', () => {
  const points = pointsOf(samples, 'wallNs', null);
  expect(stepped('ArrowRight', null, points)).toBe(0);
  expect(stepped('ArrowLeft', 0, points)).toBe(0);
  expect(points[stepped('PageDown', 0, points)!]!.sample.block).toBe(1);
  expect(stepped('ArrowRight', points.length - 1, points)).toBe(points.length - 1);
  expect(stepped('a', 0, points)).toBeNull();
});
