// SPDX-License-Identifier: GPL-2.0-or-later
import type { Alert, HistoryChange, HistoryPoint, Mark } from '#contract/history.js';
import { planAlerts, seriesChanges } from '#domain/series.js';
import { random } from '#statistics/random.js';

const point = (
  id: number,
  value: number,
  hostFingerprint = 'a',
  direction: HistoryPoint['direction'] = 'smaller-is-better',
): HistoryPoint => ({
  id: String(id),
  source: 'job',
  sourceId: '00000000-0000-4000-8000-000000000001',
  commit: `c${id}`,
  at: new Date(Date.UTC(2026, 0, 1, id)).toISOString(),
  value,
  low: null,
  high: null,
  unit: 'ns',
  direction,
  hostFingerprint,
});
const noise = random(7);
const noisy = (level: number): number => level * (1 + 0.004 * (noise() - 0.5));
const shifted = (before: number, after: number, ratio: number): HistoryPoint[] =>
  Array.from({ length: before + after }, (_, index) =>
    point(index, noisy(index < before ? 1e9 : 1e9 * ratio)),
  );

const alertFor = (change: HistoryChange, state: Alert['state'] = 'open'): Alert => ({
  ...change,
  id: '1',
  project: 'p',
  branch: 'main',
  workload: 'w',
  variant: 'v',
  metric: 'wallNs',
  state,
  reason: null,
  present: true,
  commit: null,
  createdAt: '',
  updatedAt: '',
});
const mark = (where: Partial<Mark>): Mark => ({
  id: '1',
  project: 'p',
  branch: 'main',
  commit: null,
  at: null,
  reason: 'new compiler',
  createdAt: '',
  ...where,
});

test('a shift is found at its position, with size and direction', () => {
  const [change, ...others] = seriesChanges(shifted(15, 15, 1.08));

  expect(others).toEqual([]);
  expect(change).toMatchObject({ pointId: '15', hostFingerprint: 'a', worse: true });
  expect(change!.ratio).toBeCloseTo(1.08, 2);
});

test('a shift below 2 % is ignored', () => {
  expect(seriesChanges(shifted(15, 15, 1.015))).toEqual([]);
});

test('a larger-is-better metric gets worse when it shrinks', () => {
  const points = shifted(15, 15, 0.9).map((point): HistoryPoint => ({
    ...point,
    direction: 'larger-is-better',
  }));

  expect(seriesChanges(points)).toMatchObject([{ worse: true }]);
});

test(
  'a move to another host is not a change point, and a shift on one of two hosts is found on ' +
    'that host',
  () => {
    const moved = Array.from({ length: 30 }, (_, index) =>
      point(index, noisy(index < 15 ? 1e9 : 1.3e9), index < 15 ? 'a' : 'b'),
    );
    expect(seriesChanges(moved)).toEqual([]);

    const both = Array.from({ length: 60 }, (_, index) =>
      point(
        index,
        noisy(index % 2 === 0 ? 1e9 : index < 30 ? 2e9 : 2.2e9),
        index % 2 === 0 ? 'a' : 'b',
      ),
    );
    expect(seriesChanges(both)).toMatchObject([{ hostFingerprint: 'b', pointId: '31' }]);
  },
);

test('a series with a value that is not positive has no change points', () => {
  expect(seriesChanges([...shifted(15, 15, 1.5), point(99, 0)])).toEqual([]);
});

test('an alert follows its change point over up to two points, and no further', () => {
  const points = shifted(15, 15, 1.08);
  const [change] = seriesChanges(points);
  for (const moved of [-2, -1, 0, 1, 2]) {
    const alert = alertFor({ ...change!, pointId: String(15 + moved) }, 'noise');
    expect(planAlerts(points, [change!], [alert], [])).toMatchObject({
      kept: [{ alert: { state: 'noise' }, change: { pointId: '15' } }],
      opened: [],
      gone: [],
    });
  }
  for (const moved of [-3, 3]) {
    const alert = alertFor({ ...change!, pointId: String(15 + moved) });
    expect(planAlerts(points, [change!], [alert], [])).toMatchObject({
      kept: [],
      opened: [{ pointId: '15' }],
      gone: [{ id: '1' }],
    });
  }
});

test('an alert stays with the nearer of two change points, and with its direction', () => {
  const points = shifted(15, 15, 1.08);
  const at = (id: string, worse: boolean): HistoryChange => ({
    pointId: id,
    hostFingerprint: 'a',
    before: 1,
    after: 2,
    ratio: 2,
    pValue: 0.001,
    worse,
  });

  expect(
    planAlerts(points, [at('13', true), at('14', true)], [alertFor(at('15', true))], []),
  ).toMatchObject({ kept: [{ change: { pointId: '14' } }], opened: [{ pointId: '13' }] });
  expect(planAlerts(points, [at('15', false)], [alertFor(at('15', true))], [])).toMatchObject({
    kept: [],
    opened: [{ worse: false }],
    gone: [{ id: '1' }],
  });
});

test.each([
  ['at its commit', { commit: 'c15' }, true],
  ['two points before it', { commit: 'c13' }, true],
  ['at its time', { at: '2026-01-01T15:00:00.000Z' }, true],
  ['just before its time', { at: '2026-01-01T14:30:00.000Z' }, true],
  ['far from it', { commit: 'c9' }, false],
  ['at an unmeasured commit', { commit: 'unknown' }, false],
  ['after the last point', { at: '2027-01-01T00:00:00.000Z' }, false],
])('a mark %s stops a change point from alerting: %j, %s', (_, where, known) => {
  const points = shifted(15, 15, 1.08);
  const changes = seriesChanges(points);

  expect(planAlerts(points, changes, [], [mark(where)]).opened).toHaveLength(known ? 0 : 1);
  expect(
    planAlerts(points, changes, [alertFor(changes[0]!)], [mark(where)]).kept[0]!.mark === null,
  ).toBe(!known);
});

test('a shift once found stays found while the series grows', () => {
  const found = Array.from({ length: 15 }, (_, after) =>
    seriesChanges(shifted(10, after, 1.1)).map(({ pointId }) => pointId),
  );
  const first = found.findIndex((changes) => changes.length > 0);

  expect(first).toBeGreaterThanOrEqual(3);
  expect(first).toBeLessThanOrEqual(6);
  expect(found.slice(first)).toEqual(found.slice(first).map(() => ['10']));
});

test('a constant series has no change point, and a series with one change has one', () => {
  const exact = (after: number) =>
    Array.from({ length: 30 }, (_, index) => point(index, index < 15 ? 262_144 : after));

  expect(seriesChanges(exact(262_144))).toEqual([]);
  expect(seriesChanges(exact(524_288))).toMatchObject([
    { pointId: '15', before: 262_144, after: 524_288, ratio: 2 },
  ]);
  expect(seriesChanges(Array.from({ length: 30 }, (_, index) => point(index, 0)))).toEqual([]);
});
