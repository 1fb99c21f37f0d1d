// SPDX-License-Identifier: GPL-2.0-or-later
import { advisoryReasons, calibrate, sameComparisons } from '#domain/calibration.js';
import { compareJob } from '#domain/comparison.js';
import { TWO_SIDES } from '#support/job-plan.js';
import { BLOCKS, SAME, samplesOf, SLOWER_STATIC, twoSidedPlan } from '#support/side-samples.js';

describe('an A/A job', () => {
  const same = twoSidedPlan({ sides: { ...TWO_SIDES, same: true } });

  test('records per variant and workload whether the measuring host reported a difference', () => {
    const alarms = (times: Record<string, number>) =>
      sameComparisons(compareJob('j', same, samplesOf(times, 1, BLOCKS))).map(
        ({ workload, variant, hostFingerprint, alarm }) =>
          [workload, variant, hostFingerprint, alarm].join(' '),
      );

    expect(alarms(SAME)).toEqual(['w n=1 none h1 false', 'w n=1 static h1 false']);
    expect(alarms(SLOWER_STATIC)).toEqual(['w n=1 none h1 false', 'w n=1 static h1 true']);
    expect(alarms({ ...SAME, none: 90 })).toEqual(['w n=1 none h1 true', 'w n=1 static h1 false']);
  });

  test('ignores pairs that ran one binary on both sides, which show no layout', () => {
    const samples = samplesOf(SAME, 1, BLOCKS).map((sample) =>
      sample.variant === 'none' ? { ...sample, buildKey: 'one' } : sample,
    );
    expect(sameComparisons(compareJob('j', same, samples)).map(({ variant }) => variant)).toEqual([
      'static',
    ]);
  });

  test('ignores jobs whose head is not base, and jobs measured on two hosts', () => {
    expect(sameComparisons(compareJob('j', twoSidedPlan(), samplesOf(SAME, 1, BLOCKS)))).toEqual(
      [],
    );
    const mixed = samplesOf(SAME, 1, BLOCKS).map((sample) =>
      sample.block === 1 ? { ...sample, hostFingerprint: 'h2' } : sample,
    );
    expect(sameComparisons(compareJob('j', same, mixed, { mixedHosts: true }))).toEqual([]);
  });

  test('makes a host advisory if its false-alarm rate is certainly above nominal', () => {
    const quiet = { digest: 'quiet', ...calibrate({ alarms: 1, comparisons: 20 }) };
    const noisy = { digest: 'noisy', ...calibrate({ alarms: 4, comparisons: 20 }) };
    const unknown = { digest: 'new', ...calibrate({ alarms: 0, comparisons: 0 }) };
    expect(advisoryReasons([quiet, unknown])).toEqual([]);
    expect(advisoryReasons([quiet, noisy])).toEqual([
      'host noisy called a difference in 4 of 20 A/A comparisons: 20.0 % (95 % interval 5.7 ' +
        '% to 43.7 %), where 2.5 % are expected',
    ]);
  });
});
