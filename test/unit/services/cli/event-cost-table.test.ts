// SPDX-License-Identifier: GPL-2.0-or-later
import { eventCostText } from '#cli/event-cost-table.js';
import { comparisonOf, costRow, intervalOf } from '#support/comparison.js';
import { jobPlan, variantOf } from '#support/job-plan.js';

const variants = [
  variantOf('none'),
  ...['cheap', 'dear', 'unknown'].map((event) =>
    variantOf('static', { name: `static ${event}`, swept: { event } }),
  ),
];
const comparison = comparisonOf({
  rows: [
    costRow({ variant: 'none', workload: 'w', ratio: null }),
    costRow({ variant: 'static cheap', workload: 'w', ratio: intervalOf(1.01), events: '5' }),
    costRow({ variant: 'static dear', workload: 'w', ratio: intervalOf(1.5), events: '7' }),
    costRow({ variant: 'static unknown', workload: 'w', ratio: null, events: null }),
  ],
});

test('a sweep of events has a table with the most expensive event first', () => {
  const [title, table] = eventCostText(jobPlan({ variants }), comparison);

  expect(title).toBe('each event alone: static with w');
  expect(table!.split('\n').flatMap((line) => /dear|cheap|unknown/.exec(line)?.[0] ?? [])).toEqual([
    'dear',
    'cheap',
    'unknown',
  ]);
});

test('a job without a sweep of events has none', () => {
  expect(eventCostText(jobPlan({ variants: [variantOf('none')] }), comparison)).toEqual([]);
});
