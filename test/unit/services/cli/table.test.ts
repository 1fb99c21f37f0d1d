// SPDX-License-Identifier: GPL-2.0-or-later
import { comparisonText, hostTable } from '#cli/table.js';
import type { Comparison } from '#contract/comparison.js';
import type { Host } from '#contract/host.js';
import { comparisonOf, intervalOf, sideRow } from '#support/comparison.js';
import { untilDecided } from '#support/example-report.js';

const whole = (comparison: ReturnType<typeof untilDecided>['comparison']): Comparison => ({
  ...comparisonOf(),
  ...comparison,
});
const line = (text: string, variant: string) =>
  text.split('\n').find((line) => line.includes(`│ ${variant} `))!;

test(
  'the table of a job until decided has answers, start and cost per event, and no minimum ' +
    'detectable effect',
  () => {
    const text = comparisonText(whole(untilDecided(48).comparison));

    expect(text).not.toContain('MDE');
    expect(line(text, 'dynamic')).toMatch(
      /1\.300.*slower: between \+2\d\.\d % and \+3\d\.\d %.*\d+\.\d \[9\.\d, 10\.\d\] │ +50\.\d \[49\.\d, 5\d\.\d\] │ 1000000/,
    );
    expect(text).toContain('intervals at 95.0 %');
    expect(text).toMatch(
      /\nmeasured: \d+ s of at most 5 min, 48 blocks, all comparisons decided\n/,
    );
  },
);

test('the size of the runs follows the table', () => {
  const sizes = [{ workload: 'port-io', parameter: 'writes', value: 720_000 }];

  expect(comparisonText(comparisonOf({ sizes }))).toContain('\nsize: port-io with writes 720000\n');
});

test('a metric without a value in any run is noted', () => {
  const rows = comparisonOf().rows.map((row) => ({ ...row, median: null }));
  const text = comparisonText(comparisonOf({ metric: 'hostInstructions', rows }));

  expect(text).toContain('\nno run of this job has a value of hostInstructions\n');
});

test('a variant without a difference has a bound, and an undecided one its interval', () => {
  expect(
    line(comparisonText(whole(untilDecided(200, { idle: true }).comparison)), 'dynamic'),
  ).toMatch(/no change \(±2 %\): between \S+ % and \S+ %/);
  const noisy = (withinSeconds: number) =>
    line(
      comparisonText(whole(untilDecided(24, { idle: true, noise: 0.3, withinSeconds }).comparison)),
      'dynamic',
    );
  expect(noisy(300)).toMatch(/│ open: between −\d+\.\d % and \+\d+\.\d %/);
  expect(noisy(4)).toMatch(/│ between −\d+\.\d % and \+\d+\.\d %/);
});

test('a note below the table reports that only wall time moved', () => {
  const text = comparisonText(
    comparisonOf({
      sides: [
        sideRow({
          verdict: 'regression',
          ratio: intervalOf(1.1),
          processor: intervalOf(1),
          moved: 'wall',
        }),
      ],
    }),
  );
  expect(text).toContain(
    'port-io, dynamic: waits more, computes the same: processor time between −1.0 % and +1.0 %',
  );
});

test('hosts are shown with the noise of their guests', () => {
  const host: Host = {
    digest: 'sha256:1',
    fingerprint: { cpuModel: 'C' },
    firstSeenAt: '',
    comparisons: 40,
    alarms: 1,
    rate: 0.025,
    low: 0.001,
    high: 0.13,
    nominal: 0.025,
    advisory: false,
    guests: [
      {
        target: 'x86_64-softmmu',
        workload: 'port-io',
        noiseSd: 0.049,
        layoutSd: null,
        runSeconds: 0.12,
      },
    ],
  };
  const text = hostTable([host]);
  expect(text).toMatch(/sha256:1.*40.*1.*2\.5 %.*binding/);
  expect(text).toMatch(/port-io.*4\.9 %.*—.*120 ms/);
});
