// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { ComparisonRow, JobComparison } from '#contract/comparison.js';
import { compareOutcomes, type Outcome } from '#cli/reproduce.js';

const interval = (low: number, high: number) => ({
  ratio: (low + high) / 2,
  low,
  high,
  confidence: 0.95,
  method: 'bca-bootstrap' as const,
  blocks: 12,
});
const outcome = (
  label: string,
  low: number,
  high: number,
  more: { key?: string; host?: string } = {},
): Outcome => ({
  workloads: [{ label, name: 'w', parameters: {}, timeoutSeconds: 1, vcpus: 1, size: null }],
  builds: [
    {
      variant: 'static',
      side: 'base',
      key: more.key ?? 'k',
      binaryDigest: more.key ?? 'b',
    } as Build,
  ],
  comparison: {
    rows: [
      { variant: 'none', side: 'head', workload: label, ratio: null } as ComparisonRow,
      {
        variant: 'static',
        side: 'base',
        workload: label,
        ratio: interval(low, high),
        minimumDetectableRatio: high,
      } as ComparisonRow,
    ],
    sides: [],
    changes: [],
    hostFingerprints: [more.host ?? 'h'],
  } as unknown as JobComparison,
});

test('a job is reproduced if every interval overlaps, regardless of workload labels', () => {
  const { ratios, reproduced, builds, sameHost } = compareOutcomes(
    outcome('w', 1.1, 1.2),
    outcome('w size=3', 1.19, 1.3),
  );
  expect(ratios).toEqual([
    {
      what: 'overhead',
      workload: 'w',
      variant: 'static@base',
      first: interval(1.1, 1.2),
      second: interval(1.19, 1.3),
      minimumDetectableRatio: 1.3,
      overlap: true,
    },
  ]);
  expect([reproduced, builds, sameHost]).toEqual([
    true,
    [{ variant: 'static@base', sameKey: true, sameBinary: true }],
    true,
  ]);
});

test('disjoint intervals, another build and another host are reported', () => {
  const { reproduced, builds, sameHost } = compareOutcomes(
    outcome('w', 1.1, 1.2),
    outcome('w', 1.21, 1.3, { key: 'other', host: 'h2' }),
  );
  expect(compareOutcomes(outcome('w', 1.1, 1.2), outcome('w', 1.0, 1.09)).reproduced).toBe(false);
  expect([reproduced, builds, sameHost]).toEqual([
    false,
    [{ variant: 'static@base', sameKey: false, sameBinary: false }],
    false,
  ]);
});

test(
  'a ratio missing from the second run does not overlap, and a run without ratios reproduces ' +
    'nothing',
  () => {
    const none: Outcome = {
      ...outcome('w', 1, 2),
      comparison: {
        rows: [],
        sides: [],
        changes: [],
        hostFingerprints: [],
      } as unknown as JobComparison,
    };
    expect(compareOutcomes(outcome('w', 1.1, 1.2), none).ratios[0]).toMatchObject({
      second: null,
      minimumDetectableRatio: null,
      overlap: false,
    });
    expect(compareOutcomes(none, none).reproduced).toBe(false);
  },
);
