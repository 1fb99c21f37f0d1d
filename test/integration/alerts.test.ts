// SPDX-License-Identifier: GPL-2.0-or-later
import { Compute } from '#api/compute/compute.js';
import { ingestJobs, storeImport, updateAlerts } from '#api/compute/history.js';
import { POOL_LIMITS } from '#api/compute/pool.js';
import type { Client } from '#cli/client.js';
import type { AlertList, History, StoredMark } from '#contract/history.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { listAlerts } from '#store/alerts.js';
import { listDueSeries, removeDueSeries } from '#store/due-series.js';
import { addMark } from '#store/marks.js';
import { exclusive } from '#store/points.js';
import type { Store } from '#store/store.js';
import { measuredJob } from '#support/measured-job.js';
import { day, Histories, levels, newProject, noisy, run } from '#support/histories.js';

let histories: Histories;
let store: Store;
let client: Client;
beforeAll(async () => {
  histories = await Histories.start();
  ({ store, client } = histories);
}, 60_000);
afterAll(() => histories.stop());

test(
  'a series with a shift, replayed job by job, has one change point at the shift and one ' +
    'lasting alert',
  async () => {
    const project = newProject();
    await histories.measureCommits(project, levels([10, 1.5]));
    expect(await histories.alertsOf(project)).toEqual([]);

    await histories.measureCommits(project, levels([8, 1.65]), { first: 10 });
    const found = await histories.history(project);
    expect(found.points.map(({ commit }) => commit)).toEqual(
      Array.from({ length: 18 }, (_, index) => `c${index}`),
    );
    expect(found.points[0]).toMatchObject({
      source: 'job',
      unit: '1',
      hostFingerprint: 'sha256:a',
      at: day(0),
    });
    for (const { low, value, high } of found.points)
      expect(low! <= value && value <= high!).toBe(true);
    expect(found.changePoints).toMatchObject([{ pointId: found.points[10]!.id, worse: true }]);
    expect(found.changePoints[0]!.ratio).toBeCloseTo(1.1, 2);
    expect(found.alerts).toMatchObject([{ state: 'open', commit: 'c10', present: true }]);
    const { id } = found.alerts[0]!;

    const changed = await client.patch(`/v1/alerts/${id}`, {
      state: 'acknowledged',
      reason: 'known to us: the new allocator',
    });
    expect(changed).toMatchObject({
      id,
      state: 'acknowledged',
      reason: 'known to us: the new allocator',
    });
    for (let more = 18; more < 24; more += 1) {
      await histories.measureCommits(project, [1.65], { first: more });
      expect((await histories.history(project)).alerts).toMatchObject([
        { id, state: 'acknowledged', commit: 'c10', present: true },
      ]);
    }
    // The baseline did not change: only dynamic's own wall time and its ratio alert.
    expect(
      (await histories.alertsOf(project))
        .map(({ variant, metric }) => `${variant} ${metric}`)
        .sort(),
    ).toEqual(['dynamic wallNs', 'dynamic wallRatio']);
  },
  120_000,
);

test(
  'a change point in a printed metric opens an alert in the direction of its workload; a ' +
    'constant metric opens none',
  async () => {
    const project = newProject();
    const metrics = [
      { name: 'guest.speed', unit: 'ops', direction: 'larger', description: '' },
      { name: 'work.operations', unit: 'operations', direction: 'smaller', description: '' },
    ];
    const workloads = [
      WorkloadDefinition.parse({
        name: 'port-io',
        summary: '',
        targets: ['x86_64-softmmu'],
        run: { arguments: [], exitStatus: 0, timeoutSeconds: 1 },
        metrics,
      }),
    ];
    const printing = (speed: number) =>
      run(1.5, 'sha256:a').map((sample) => ({
        ...sample,
        metrics: [
          { name: 'guest.speed', value: noisy(speed), unit: 'ops' },
          { name: 'work.operations', value: 262_144, unit: 'operations' },
        ],
      }));
    for (const [index, speed] of levels([10, 100], [10, 80]).entries())
      await measuredJob(store, printing(speed), {
        project,
        commit: `c${index}`,
        committedAt: day(index),
      });

    await ingestJobs(store, workloads, project);
    await updateAlerts(store, project);
    const alerts = await listAlerts(store, { project });
    expect(
      alerts
        .map(({ variant, metric, worse, commit, state }) => [variant, metric, worse, commit, state])
        .sort(),
    ).toEqual(['dynamic', 'none'].map((variant) => [variant, 'guest.speed', true, 'c10', 'open']));
    expect(alerts[0]!.ratio).toBeCloseTo(0.8, 2);
    const constant = await histories.history(project, 'work.operations', 'none');
    expect(constant.points[19]).toMatchObject({ value: 262_144, low: 262_144, high: 262_144 });
    expect([constant.points.length, constant.changePoints, constant.alerts]).toEqual([20, [], []]);
  },
  60_000,
);

test('an earlier mark stops a shift from alerting, and a later mark acknowledges the open alert', async () => {
  const [marked, late] = [newProject(), newProject()];
  const { points, ...mark } = await client.post<StoredMark>('/v1/marks', {
    project: marked,
    commit: 'c10',
    reason: 'new compiler',
  });
  expect(points).toBe(0);
  for (const project of [marked, late])
    await histories.measureCommits(project, levels([10, 1.5], [10, 1.7]));

  const known = await histories.history(marked);
  expect(known).toMatchObject({ changePoints: [{ worse: true }], alerts: [], marks: [mark] });
  expect((await histories.history(late)).alerts).toMatchObject([{ state: 'open' }]);
  await client.post('/v1/marks', { project: late, at: day(10), reason: 'new compiler' });
  expect((await histories.history(late)).alerts).toMatchObject([
    { state: 'acknowledged', reason: 'new compiler' },
  ]);
}, 120_000);

test('a mark tells how many points it has, and can be removed', async () => {
  const project = newProject();
  await histories.measureCommits(project, [1.5, 1.5]);
  const add = (commit: string) =>
    client.post<StoredMark>('/v1/marks', { project, commit, reason: 'known' });
  const known = await add('c1');
  const { points, ...unknown } = await add('missing');

  expect(known.points).toBeGreaterThan(0);
  expect(points).toBe(0);
  expect(await client.delete<unknown>(`/v1/marks/${unknown.id}`)).toEqual(unknown);
  expect((await histories.history(project)).marks.map(({ id }) => id)).toEqual([known.id]);
  await expect(client.delete(`/v1/marks/${unknown.id}`)).rejects.toThrow(`no mark "${unknown.id}"`);
}, 60_000);

test('two concurrent calls ingest a job once', async () => {
  const project = newProject();
  await histories.measureCommits(project, levels([10, 1.5], [10, 1.7]));
  const both = await Promise.all([
    histories.history(project),
    histories.history(project),
    histories.alertsOf(project),
  ]);

  expect(both[0].points).toHaveLength(20);
  expect((await histories.history(project)).alerts).toHaveLength(1);
}, 60_000);

test('an imported series has history, change points and alerts like a measured one', async () => {
  const project = newProject();
  for (let index = 0; index < 20; index += 1) {
    const times = Array.from({ length: 6 }, () => noisy(index < 10 ? 0.2 : 0.17));
    const median =
      times
        .slice()
        .sort((a, b) => a - b)
        .slice(2, 4)
        .reduce((a, b) => a + b) / 2;
    const document = {
      results: [
        {
          command: 'boot "x"',
          mean: 1,
          median,
          min: Math.min(...times),
          max: Math.max(...times),
          times,
        },
      ],
    };
    await client.post('/v1/imports', {
      format: 'hyperfine',
      project,
      host: 'lab',
      commit: `v${index}`,
      committedAt: day(index),
      document,
    });
  }
  await histories.alertsOf(project);
  const found = await client.get<History>(
    `/v1/history?${new URLSearchParams({ project, workload: 'boot "x"', variant: 'imported' }).toString()}`,
  );

  expect(found.points[0]).toMatchObject({
    source: 'import',
    unit: 'ns',
    hostFingerprint: 'lab',
    low: expect.any(Number) as number,
  });
  expect(found.changePoints).toMatchObject([{ pointId: found.points[10]!.id, worse: false }]);
  expect(found.alerts).toMatchObject([{ state: 'open', worse: false, commit: 'v10' }]);
}, 60_000);

test('an unknown alert is a 404 of the catalogue', async () => {
  await expect(
    client.patch('/v1/alerts/999999999', { state: 'noise', reason: 'x' }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

/** Stores a document of one value for each of the values. */
async function add(project: string, values: readonly number[]): Promise<void> {
  const target = { format: 'bmf' as const, project, branch: 'main', variant: 'v', host: 'h' };
  const result = {
    benchmark: 'b',
    metric: 'wallNs',
    unit: 'ns',
    direction: 'smaller-is-better' as const,
    low: null,
    high: null,
    samples: null,
  };
  for (const value of values) await storeImport(store, target, [{ ...result, value }]);
}
const [STEADY, SHIFTED] = [
  [100, 101, 102, 100, 101, 102, 100, 101, 102, 100],
  [130, 131, 132, 130, 131, 132, 130, 131, 132, 130],
];

test('an import leaves alerts to a later step, and a series that changes meanwhile stays due', async () => {
  const project = newProject();
  await add(project, STEADY.slice(0, 5));
  expect(await listDueSeries(store, project, 10)).toEqual([]); // too short for a change point
  await add(project, [...STEADY.slice(5), ...SHIFTED]);
  expect(await listAlerts(store, { project })).toEqual([]);
  const [stale] = await listDueSeries(store, project, 10);
  expect(stale!.key).toMatchObject({ workload: 'b', variant: 'v', metric: 'wallNs' });

  await add(project, [131]);
  await exclusive(store, project, async (client) =>
    expect(await removeDueSeries(client, stale!)).toBe(false),
  );
  expect(await updateAlerts(store, project)).toBe(false);
  expect(await listDueSeries(store, project, 10)).toEqual([]);
  expect(await listAlerts(store, { project })).toMatchObject([{ before: 101, worse: true }]);

  await addMark(store, { project, branch: 'main', at: day(5_000), reason: 'elsewhere' });
  expect(await listDueSeries(store, project, 10)).toHaveLength(1);
}, 60_000);

test('alerts are answered from what is stored while their update waits, which then goes on', async () => {
  const project = newProject();
  await add(project, STEADY);
  const at = new Date().toISOString();
  await add(project, SHIFTED);
  const query = new URLSearchParams({ project, workload: 'b', variant: 'v' });
  const history = () => client.get<History>(`/v1/history?${query}`);
  await histories.alertsOf(project);
  expect(await history()).toMatchObject({ alertsDue: false, alerts: [{ state: 'open' }] });

  await addMark(store, { project, branch: 'main', at, reason: 'new compiler' });
  const compute = new Compute(store, []);
  await exclusive(store, project, async () => {
    // More requests than computations of a project may wait share one update.
    const requests = Array.from({ length: 2 * POOL_LIMITS.waitingPerProject }, () =>
      compute.bringUpToDate(project),
    );
    await Promise.all(requests);
    expect(await client.get<AlertList>(`/v1/alerts?project=${project}`)).toMatchObject({
      alerts: [{ state: 'open' }],
      waiting: { jobs: 0, series: 1 },
    });
    expect(await history()).toMatchObject({ alertsDue: true, alerts: [{ state: 'open' }] });
  });
  await compute.close();

  expect(await histories.alertsOf(project)).toMatchObject([{ state: 'acknowledged' }]);
  expect(await history()).toMatchObject({ alertsDue: false });
}, 60_000);
