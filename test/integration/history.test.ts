import { randomUUID } from 'node:crypto';
import type { Client } from '#cli/client.js';
import type {
  AlertList,
  History,
  StoredMark,
  ProjectList,
  SeriesList,
  SeriesPoints,
} from '#contract/history.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { random } from '#statistics/random.js';
import { listAlerts } from '#store/alerts.js';
import { ingestJobs } from '#store/history.js';
import type { NewSample } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import { execute } from '#support/debian-tools.js';
import { measuredJob } from '#support/measured-job.js';
import { newSampleOf } from '#support/sample.js';

let store: Store;
let api: Awaited<ReturnType<typeof startApi>>;
let client: Client;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  api = await startApi();
  client = api.client;
}, 60_000);
afterAll(async () => {
  await api.stop();
  await store.close();
});

const newProject = () => `p-${randomUUID()}`;
const next = random(11);

/** Six blocks and a warm-up of none and dynamic; `dynamic` takes `ratio` times the time. */
function run(ratio: number, hostFingerprint: string): NewSample[] {
  return Array.from({ length: 14 }, (_, index) => {
    const [block, variant] = [Math.floor(index / 2), index % 2 === 0 ? 'none' : 'dynamic'];
    const wallNs = String(
      Math.round(1e9 * (1 + 0.004 * (next() - 0.5)) * (variant === 'none' ? 1 : ratio)),
    );
    return newSampleOf({
      variant,
      workload: 'port-io',
      block,
      position: index % 2,
      wallNs,
      hostFingerprint,
    });
  });
}

/** One day per commit. */
const day = (index: number): string => new Date(Date.UTC(2026, 0, 1 + index)).toISOString();

async function measureCommits(
  project: string,
  ratios: readonly number[],
  { first = 0, host = 'sha256:a' } = {},
): Promise<void> {
  for (const [index, ratio] of ratios.entries())
    await measuredJob(store, run(ratio, host), {
      project,
      commit: `c${first + index}`,
      committedAt: day(first + index),
    });
}

const history = (project: string, metric = 'wallRatio', variant = 'dynamic') =>
  client.get<History>(
    `/v1/history?${new URLSearchParams({ project, workload: 'port-io', variant, metric }).toString()}`,
  );
const alertsOf = async (project: string) =>
  (await client.get<AlertList>(`/v1/alerts?project=${project}`)).alerts;
const levels = (...parts: [count: number, ratio: number][]): number[] =>
  parts.flatMap(([count, ratio]) => Array<number>(count).fill(ratio));

test(
  'a series with a shift, replayed job by job, has one change point at the shift and one ' +
    'lasting alert',
  async () => {
    const project = newProject();
    await measureCommits(project, levels([10, 1.5]));
    expect(await alertsOf(project)).toEqual([]);

    await measureCommits(project, levels([8, 1.65]), { first: 10 });
    const found = await history(project);
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
      await measureCommits(project, [1.65], { first: more });
      expect((await history(project)).alerts).toMatchObject([
        { id, state: 'acknowledged', commit: 'c10', present: true },
      ]);
    }
    // The baseline did not change: only dynamic's own wall time and its ratio alert.
    expect(
      (await alertsOf(project)).map(({ variant, metric }) => `${variant} ${metric}`).sort(),
    ).toEqual(['dynamic wallNs', 'dynamic wallRatio']);
  },
  120_000,
);

test("a series' bare numbers equal its points", async () => {
  const project = newProject();
  await measureCommits(project, [1.5, 1.5]);
  await measureCommits(project, [1.2], { first: 2, host: 'sha256:b' });
  const { points } = await history(project);

  const query = new URLSearchParams({
    project,
    workload: 'port-io',
    variant: 'dynamic',
    metric: 'wallRatio',
  });
  const bare = await client.get<SeriesPoints>(`/v1/history/points?${query}`);
  expect(bare).toMatchObject({
    project,
    ids: points.map(({ id }) => id),
    values: points.map(({ value }) => value),
    hosts: ['sha256:a', 'sha256:b'],
    host: [0, 0, 1],
  });
}, 60_000);

test('every measure of a job has its own series', async () => {
  const project = newProject();
  await measureCommits(project, [1.5]);

  for (const [metric, unit] of [
    ['wallNs', 'ns'],
    ['wallRatio', '1'],
    ['userNs', 'ns'],
    ['systemNs', 'ns'],
    ['maxRssBytes', 'bytes'],
  ] as const) {
    expect(
      (
        await client.get<History>(
          `/v1/history?${new URLSearchParams({ project, workload: 'port-io', variant: 'dynamic', metric }).toString()}`,
        )
      ).points,
    ).toMatchObject([{ unit, commit: 'c0' }]);
  }
});

test('declared metrics and instruction samples of a job become series, and undeclared ones do not', async () => {
  const project = newProject();
  const timed = run(1.5, 'sha256:a').map((sample) => ({
    ...sample,
    workload: 'boot',
    metrics: [
      { name: 'boot.uptime', value: 2 + sample.block, unit: 's' },
      { name: 'boot.undeclared', value: 1, unit: 's' },
    ],
  }));
  const counted = [
    { block: 1, hostInstructions: '1000' },
    { block: 2, hostInstructions: '1002' },
    { block: 0, guestInstructions: '77' },
  ].map((run) => ({
    ...timed[0]!,
    kind: 'instructions' as const,
    wallNs: '9',
    metrics: [],
    ...run,
  }));
  const id = await measuredJob(store, [...timed, ...counted], { project, commit: 'c0' });
  await store.pool.query(
    `UPDATE job SET plan = jsonb_set(plan, '{workloads,0,name}', '"linux-boot"') WHERE id = $1`,
    [id],
  );
  const points = async (metric: string, variant = 'none') =>
    (
      await client.get<History>(
        `/v1/history?${new URLSearchParams({ project, workload: 'boot', variant, metric }).toString()}`,
      )
    ).points;

  expect(await points('boot.uptime')).toMatchObject([
    { unit: 's', direction: 'smaller-is-better', value: 5.5, hostFingerprint: 'sha256:a' },
  ]);
  expect(await points('boot.undeclared')).toEqual([]);
  expect(await points('hostInstructions')).toMatchObject([
    { unit: 'instructions', direction: 'smaller-is-better', value: 1001 },
  ]);
  expect(await points('guestInstructions')).toMatchObject([{ value: 77, low: null, high: null }]);
  for (const metric of ['hostInstructions', 'guestInstructions'])
    expect(await points(metric, 'dynamic')).toEqual([]);
  expect((await points('wallNs'))[0]!.value).toBeCloseTo(1e9, -8);
});

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
          { name: 'guest.speed', value: speed * (1 + 0.004 * (next() - 0.5)), unit: 'ops' },
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
    const { alerts } = await listAlerts(store, { project });
    expect(
      alerts
        .map(({ variant, metric, worse, commit, state }) => [variant, metric, worse, commit, state])
        .sort(),
    ).toEqual(['dynamic', 'none'].map((variant) => [variant, 'guest.speed', true, 'c10', 'open']));
    expect(alerts[0]!.ratio).toBeCloseTo(0.8, 2);
    const constant = await history(project, 'work.operations', 'none');
    expect(constant.points[19]).toMatchObject({ value: 262_144, low: 262_144, high: 262_144 });
    expect([constant.points.length, constant.changePoints, constant.alerts]).toEqual([20, [], []]);
  },
  60_000,
);

test('a commit measured late takes its place in the series, and the alert keeps its commit', async () => {
  const project = newProject();
  await measureCommits(project, levels([10, 1.5], [10, 1.7]));
  const before = (await history(project)).alerts;
  expect(before).toHaveLength(1);
  await measuredJob(store, run(1.5, 'sha256:a'), {
    project,
    commit: 'late',
    committedAt: new Date(Date.UTC(2026, 0, 3, 12)).toISOString(),
  });

  const after = await history(project);
  expect(after.points[3]!.commit).toBe('late');
  expect(after.alerts).toMatchObject([{ id: before[0]!.id, commit: 'c10' }]);
}, 120_000);

test('a move to another host is a new segment, not a change point', async () => {
  const project = newProject();
  await measureCommits(project, levels([10, 1.5]));
  await measureCommits(project, levels([10, 2]), { first: 10, host: 'sha256:b' });

  const { changePoints, points, alerts } = await history(project);
  expect([changePoints, alerts]).toEqual([[], []]);
  expect(new Set(points.map(({ hostFingerprint }) => hostFingerprint))).toEqual(
    new Set(['sha256:a', 'sha256:b']),
  );
}, 120_000);

test('an earlier mark stops a shift from alerting, and a later mark acknowledges the open alert', async () => {
  const [marked, late] = [newProject(), newProject()];
  const { points, ...mark } = await client.post<StoredMark>('/v1/marks', {
    project: marked,
    commit: 'c10',
    reason: 'new compiler',
  });
  expect(points).toBe(0);
  for (const project of [marked, late]) await measureCommits(project, levels([10, 1.5], [10, 1.7]));

  const known = await history(marked);
  expect(known).toMatchObject({ changePoints: [{ worse: true }], alerts: [], marks: [mark] });
  expect((await history(late)).alerts).toMatchObject([{ state: 'open' }]);
  await client.post('/v1/marks', { project: late, at: day(10), reason: 'new compiler' });
  expect((await history(late)).alerts).toMatchObject([
    { state: 'acknowledged', reason: 'new compiler' },
  ]);
}, 120_000);

test('a mark tells how many points it has, and can be removed', async () => {
  const project = newProject();
  await measureCommits(project, [1.5, 1.5]);
  const known = await client.post<StoredMark>('/v1/marks', {
    project,
    commit: 'c1',
    reason: 'known',
  });
  const { points: _none, ...unknown } = await client.post<StoredMark>('/v1/marks', {
    project,
    commit: 'nosuch',
    reason: 'typing error',
  });

  expect(known.points).toBeGreaterThan(0);
  expect(_none).toBe(0);
  expect(await client.delete<unknown>(`/v1/marks/${unknown.id}`)).toEqual(unknown);
  expect((await history(project)).marks.map(({ id }) => id)).toEqual([known.id]);
  await expect(client.delete(`/v1/marks/${unknown.id}`)).rejects.toThrow(`no mark "${unknown.id}"`);
}, 60_000);

test('a job that ran on two hosts is its own segment', async () => {
  const project = newProject();
  await measureCommits(project, [1.5]);
  await measuredJob(
    store,
    run(1.5, 'sha256:a').map((sample) => ({
      ...sample,
      hostFingerprint: `sha256:${sample.block > 3 ? 'b' : 'a'}`,
    })),
    { project },
  );

  expect((await history(project)).points.map(({ hostFingerprint }) => hostFingerprint)).toEqual([
    'sha256:a',
    'sha256:a+sha256:b',
  ]);
});

test('the first batch of the head side joins the history of a job with a base', async () => {
  const project = newProject();
  const head = run(1.5, 'sha256:a');
  const base = head.map((sample) => ({
    ...sample,
    side: 'base' as const,
    position: sample.position + 2,
    wallNs: '1',
  }));
  const again = [...head, ...base]
    .filter(({ block }) => block > 0)
    .map((sample) => ({
      ...sample,
      batch: 2,
      block: sample.block + 6,
      hostFingerprint: 'sha256:b',
      wallNs: '1',
    }));
  await measuredJob(store, [...head, ...base, ...again], { project });

  const { points } = await history(project);
  expect(points).toMatchObject([{ hostFingerprint: 'sha256:a' }]);
  expect(points[0]!.value).toBeCloseTo(1.5, 1);
});

test('jobs without a project, and jobs that have not succeeded, are not in any history', async () => {
  const project = newProject();
  await measuredJob(store, run(1.5, 'sha256:a'));
  const id = await measuredJob(store, run(1.5, 'sha256:a'), { project });
  await store.pool.query("UPDATE job SET state = 'failed' WHERE id = $1", [id]);

  expect((await history(project)).points).toEqual([]);
});

test('a project lists the series that have points, with the newest unit and direction', async () => {
  const project = newProject();
  await measureCommits(project, [1.5, 1.5]);
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
    await measureCommits(project, [1.5]);
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

test('two concurrent calls ingest a job once', async () => {
  const project = newProject();
  await measureCommits(project, levels([10, 1.5], [10, 1.7]));
  const both = await Promise.all([history(project), history(project), alertsOf(project)]);

  expect(both[0].points).toHaveLength(20);
  expect((await history(project)).alerts).toHaveLength(1);
}, 60_000);

test('an imported series has history, change points and alerts like a measured one', async () => {
  const project = newProject();
  for (let index = 0; index < 20; index += 1) {
    const times = Array.from(
      { length: 6 },
      () => (index < 10 ? 0.2 : 0.17) * (1 + 0.004 * (next() - 0.5)),
    );
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

test('the command shows the series, a history and its alerts, changes an alert and creates a mark', async () => {
  const project = newProject();
  await measureCommits(project, levels([10, 1.5], [10, 1.7]));
  const command = async (...words: string[]) =>
    (
      await execute(process.execPath, [
        'dist/services/cli/main.js',
        '--server',
        client.server,
        ...words,
      ])
    ).stdout;

  expect(await command('series', 'list', '--project', project)).toContain(
    `main  port-io dynamic wallRatio  1, smaller-is-better  20 points, last ${day(19)}\n`,
  );
  expect(
    await command(
      'history',
      'show',
      '--project',
      project,
      '--workload',
      'port-io',
      '--variant',
      'dynamic',
      '--metric',
      'wallRatio',
    ),
  ).toMatch(/worse from here: 1\.13\d times, p 0\.0\d+\n.* c10 /);
  const [id] = /(?<=alert )\d+/.exec(
    await command('alert', 'list', '--project', project, '--state', 'open'),
  )!;
  expect(
    await command('alert', 'set', id, '--state', 'noise', '--reason', 'a compiler ran'),
  ).toContain('noise');
  expect(await command('alert', 'list', '--project', project, '--state', 'noise')).toContain(
    'a compiler ran',
  );
  expect(
    await command('mark', 'add', '--project', project, '--at', day(10), '--reason', 'known'),
  ).toMatch(/^mark \d+\n$/);
}, 120_000);

test.each([
  ['GET', '/v1/history?project=p&variant=v', undefined, 'workload'],
  ['GET', '/v1/history?project=..&workload=w&variant=v', undefined, 'project'],
  ['GET', '/v1/history?project=p&workload=%00&variant=v', undefined, 'workload'],
  ['GET', '/v1/series?branch=main', undefined, 'project'],
  ['GET', '/v1/series?project=p&branch=..', undefined, 'branch'],
  ['PATCH', '/v1/alerts/1', { state: 'noise' }, 'reason'],
  ['PATCH', '/v1/alerts/1', { state: 'gone', reason: 'x' }, 'state'],
  ['POST', '/v1/marks', { project: 'p', reason: 'x' }, 'commit'],
  [
    'POST',
    '/v1/marks',
    { project: 'p', commit: 'c', at: '2026-01-01T00:00:00Z', reason: 'x' },
    'commit',
  ],
  ['POST', '/v1/imports', { format: 'hyperfine', project: 'p', document: {} }, 'host'],
])('%s %s %j is refused with the path of the field', async (method, path, body, field) => {
  const response = await fetch(client.server + path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });

  expect(response.status).toBe(422);
  expect(
    ((await response.json()) as { error: { details: { path: string }[] } }).error.details.map(
      (detail) => detail.path,
    ),
  ).toContain(field);
});

test('an unknown alert is a 404 of the catalogue', async () => {
  await expect(
    client.patch('/v1/alerts/999999999', { state: 'noise', reason: 'x' }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
