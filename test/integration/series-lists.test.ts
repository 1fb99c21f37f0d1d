// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import type { ProjectList, SeriesList } from '#contract/history.js';
import type { Store } from '#store/store.js';
import { measuredJob } from '#support/measured-job.js';
import { day, Histories, newProject, run } from '#support/histories.js';

let histories: Histories;
let store: Store;
let client: Client;
beforeAll(async () => {
  histories = await Histories.start();
  ({ store, client } = histories);
}, 60_000);
afterAll(() => histories.stop());

test('a project lists the series that have points, with the newest unit and direction', async () => {
  const project = newProject();
  await histories.measureCommits(project, [1.5, 1.5]);
  const imported = (metric: string, direction: string, index: number) =>
    client.post('/v1/imports', {
      format: 'bmf',
      project,
      branch: 'next',
      host: 'lab',
      committedAt: day(index),
      direction,
      document: { 'boot "x"': { [metric]: { value: 1 } } },
    });
  for (const [direction, index] of [
    ['smaller-is-better', 0],
    ['larger-is-better', 2],
    ['smaller-is-better', 1],
  ] as const)
    await imported('speed', direction, index);
  const list = async (query: object) =>
    (
      await client.get<SeriesList>(
        `/v1/series?${new URLSearchParams({ project, ...query }).toString()}`,
      )
    ).series;

  const main = await list({ branch: 'main' });
  expect(
    main.map(({ workload, variant, metric, unit, direction, points, lastAt }) => [
      workload,
      variant,
      metric,
      unit,
      direction,
      points,
      lastAt,
    ]),
  ).toEqual(
    (['dynamic', 'none'] as const).flatMap((variant) =>
      [
        ['cpuNs', 'ns'],
        ['maxRssBytes', 'bytes'],
        ['systemNs', 'ns'],
        ['userNs', 'ns'],
        ['wallNs', 'ns'],
        ...(variant === 'none' ? [] : [['wallRatio', '1']]),
      ].map(([metric, unit]) => ['port-io', variant, metric, unit, 'smaller-is-better', 2, day(1)]),
    ),
  );
  const next = [
    {
      project,
      branch: 'next',
      workload: 'boot "x"',
      variant: 'imported',
      metric: 'speed',
      unit: '',
      direction: 'larger-is-better',
      points: 3,
      lastAt: day(2),
    },
  ];
  expect(await list({ branch: 'next' })).toEqual(next);
  expect(await list({})).toEqual([...main, ...next]);
  expect(await list({ project: newProject() })).toEqual([]);
});

test(
  'the project list contains the projects of jobs and imports, with branches, counts and last ' +
    'activity',
  async () => {
    const project = newProject();
    const started = Date.now();
    await histories.measureCommits(project, [1.5]);
    await store.pool.query("UPDATE job SET state = 'failed' WHERE id = $1", [
      await measuredJob(store, run(1.5, 'sha256:a'), { project }),
    ]);
    await measuredJob(store, run(1.5, 'sha256:a'), { project, branch: 'a/b' });
    await client.post('/v1/imports', {
      format: 'bmf',
      project,
      branch: 'a/b',
      host: 'lab',
      committedAt: day(0),
      document: { x: { 'wall-ns': { value: 1 } } },
    });

    const { projects } = await client.get<ProjectList>('/v1/projects');
    const found = projects.find(({ name }) => name === project)!;
    expect(found.branches).toMatchObject([
      { name: 'a/b', jobs: 1, imports: 1 },
      { name: 'main', jobs: 2, imports: 0 },
    ]);
    for (const { lastActivityAt } of found.branches)
      expect(Date.parse(lastActivityAt)).toBeGreaterThanOrEqual(started);
    expect(projects.map(({ name }) => name)).toEqual([
      ...new Set(projects.map(({ name }) => name)),
    ]);
  },
);

test('two hundred series of five hundred points are listed in time', async () => {
  const project = newProject();
  await store.pool.query(
    `INSERT INTO history_point (source, source_id, project, branch, workload, variant,
       metric, unit, direction, host_fingerprint, at, value)
     SELECT 'job', gen_random_uuid(), $1, 'main', 'w' || series % 10, 'v' || series / 10,
       'wallNs', 'ns', 'smaller-is-better', 'h', now() + make_interval(hours => point), 1
     FROM generate_series(0, 499) AS point, generate_series(0, 199) AS series`,
    [project],
  );
  const started = performance.now();
  const { series } = await client.get<SeriesList>(`/v1/series?project=${project}`);

  expect(performance.now() - started).toBeLessThan(2_000);
  expect(series).toHaveLength(200);
  expect(series.every(({ points }) => points === 500)).toBe(true);
}, 60_000);
