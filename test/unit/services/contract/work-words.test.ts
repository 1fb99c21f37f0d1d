// SPDX-License-Identifier: GPL-2.0-or-later
import type { ComparisonRow } from '#contract/comparison.js';
import { workNotes } from '#contract/work-words.js';

const figure = (value: number) => ({
  value,
  low: value - 1,
  high: value + 1,
  confidence: 0.95,
  shown: 'value' as const,
});
const row = (given: Partial<ComparisonRow>): ComparisonRow =>
  ({
    variant: 'dynamic',
    side: 'head',
    workload: 'boot',
    events: null,
    cost: null,
    ...given,
  }) as ComparisonRow;
const cost = (perEventNs: number) => ({
  startNs: null,
  perEventNs: figure(perEventNs),
  averageNs: null,
  bendNs: null,
});

test('head and base that handled different numbers of events are named, with costs per event', () => {
  const rows = [
    row({ events: '3492', cost: cost(168_780) }),
    row({ side: 'base', events: '191014', cost: cost(741) }),
  ];

  expect(workNotes({ rows })).toEqual([
    'dynamic, boot: head handled 3,492 events and base 191,014, so their times are of different ' +
      'work; cost per event: 168780 [168779, 168781] ns against 741.0 [740.0, 742.0] ns.',
  ]);
});

test('nearly equal work, and variants that do not count, have no note', () => {
  expect(
    workNotes({ rows: [row({ events: '100' }), row({ side: 'base', events: '105' })] }),
  ).toEqual([]);
  expect(workNotes({ rows: [row({}), row({ side: 'base' })] })).toEqual([]);
});

test('a variant that counted no event is named on each side', () => {
  const rows = [row({ events: '0' }), row({ side: 'base', events: '0' })];

  expect(workNotes({ rows })).toEqual([
    expect.stringMatching(/^dynamic, boot: counted 0 events: .* no callback for them\.$/),
    expect.stringMatching(/^dynamic@base, boot: counted 0 events/),
  ]);
});
