// SPDX-License-Identifier: GPL-2.0-or-later
import { metricValue } from '#domain/metric-values.js';
import { changesOf, logRatiosOf, RunIndex } from '#domain/pairs.js';
import { sampleOf } from '#support/sample.js';

const NONE = { side: 'head', variant: 'none', workload: 'w' } as const;
const IDLE = { ...NONE, variant: 'idle' };
const wall = metricValue('wallNs');

test('a run is compared with the reference of its own group, otherwise with one of its block', () => {
  const index = new RunIndex([
    sampleOf({ id: 'other none', variant: 'none', block: 1, group: 0, position: 0 }),
    sampleOf({ id: 'idle', variant: 'idle', block: 1, group: 1, position: 2 }),
    sampleOf({ id: 'own none', variant: 'none', block: 1, group: 1, position: 3 }),
    sampleOf({ id: 'lone none', variant: 'none', block: 2, group: 0, position: 0 }),
    sampleOf({ id: 'lone idle', variant: 'idle', block: 2, group: 1, position: 1 }),
    sampleOf({ id: 'without a reference', variant: 'idle', block: 3 }),
  ]);

  expect(
    index
      .pairs(IDLE, NONE)
      .map(({ block, candidate, reference }) => [block, candidate.id, reference.id]),
  ).toEqual([
    [1, 'idle', 'own none'],
    [2, 'lone idle', 'lone none'],
  ]);
});

test('the warm-up is not a run, and runs of another size are separate', () => {
  const index = new RunIndex([
    sampleOf({ id: 'late', block: 2 }),
    sampleOf({ id: 'warm-up', block: 0 }),
    sampleOf({ id: 'second', block: 1, position: 4 }),
    sampleOf({ id: 'first', block: 1, position: 0 }),
    sampleOf({ id: 'empty', block: 1, size: 'empty' }),
  ]);

  expect(index.runs(NONE).map(({ id }) => id)).toEqual(['first', 'second', 'late']);
  expect(index.runs(NONE, 'empty').map(({ id }) => id)).toEqual(['empty']);
  expect(index.runs({ ...NONE, side: 'base' })).toEqual([]);
});

test('ratios are logarithms per block, from blocks in which both runs have a value', () => {
  const pair = (block: number, candidate: string, reference: string) => ({
    block,
    candidate: sampleOf({ wallNs: candidate }),
    reference: sampleOf({ wallNs: reference }),
  });

  expect([...logRatiosOf([pair(4, '200', '100'), pair(7, '100', '100')], wall)!]).toEqual([
    [4, Math.log(2)],
    [7, 0],
  ]);
  expect(logRatiosOf([pair(1, '0', '100')], wall)).toBeNull();
  expect(logRatiosOf([pair(1, '1', '1')], metricValue('hostInstructions'))).toBeNull();
  expect(logRatiosOf([], wall)).toBeNull();
});

test('a change of overhead is the quotient of two ratios, from blocks that have both', () => {
  const change = changesOf(
    new Map([
      [1, 0.5],
      [2, 0.7],
    ]),
    new Map([[2, 0.2]]),
  )!;

  expect([...change.keys()]).toEqual([2]);
  expect(change.get(2)).toBeCloseTo(0.5, 12);
  expect(changesOf(new Map([[1, 0]]), new Map([[2, 0]]))).toBeNull();
  expect(changesOf(null, new Map([[2, 0]]))).toBeNull();
});

test('processor time is the sum of user and system time', () => {
  expect(metricValue('cpuNs')(sampleOf({ userNs: '70', systemNs: '5' }))).toBe(75);
});
