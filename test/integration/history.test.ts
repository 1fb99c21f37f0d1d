// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import type { History, SeriesPoints } from '#contract/history.js';
import type { Store } from '#store/store.js';
import { execute } from '#support/debian-tools.js';
import { measuredJob } from '#support/measured-job.js';
import { day, Histories, levels, newProject, run } from '#support/histories.js';

let histories: Histories;
let store: Store;
let client: Client;
beforeAll(async () => {
  histories = await Histories.start();
  ({ store, client } = histories);
}, 60_000);
afterAll(() => histories.stop());

test("a series' bare numbers equal its points", async () => {
  const project = newProject();
  await histories.measureCommits(project, [1.5, 1.5]);
  await histories.measureCommits(project, [1.2], { first: 2, host: 'sha256:b' });
  const { points } = await histories.history(project);

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
  await histories.measureCommits(project, [1.5]);

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

test('a commit measured late takes its place in the series, and the alert keeps its commit', async () => {
  const project = newProject();
  await histories.measureCommits(project, levels([10, 1.5], [10, 1.7]));
  const before = (await histories.history(project)).alerts;
  expect(before).toHaveLength(1);
  await measuredJob(store, run(1.5, 'sha256:a'), {
    project,
    commit: 'late',
    committedAt: new Date(Date.UTC(2026, 0, 3, 12)).toISOString(),
  });

  const after = await histories.history(project);
  expect(after.points[3]!.commit).toBe('late');
  expect(after.alerts).toMatchObject([{ id: before[0]!.id, commit: 'c10' }]);
}, 120_000);

test('a move to another host is a new segment, not a change point', async () => {
  const project = newProject();
  await histories.measureCommits(project, levels([10, 1.5]));
  await histories.measureCommits(project, levels([10, 2]), { first: 10, host: 'sha256:b' });

  const { changePoints, points, alerts } = await histories.history(project);
  expect([changePoints, alerts]).toEqual([[], []]);
  expect(new Set(points.map(({ hostFingerprint }) => hostFingerprint))).toEqual(
    new Set(['sha256:a', 'sha256:b']),
  );
}, 120_000);

test('a job that ran on two hosts is its own segment', async () => {
  const project = newProject();
  await histories.measureCommits(project, [1.5]);
  await measuredJob(
    store,
    run(1.5, 'sha256:a').map((sample) => ({
      ...sample,
      hostFingerprint: `sha256:${sample.block > 3 ? 'b' : 'a'}`,
    })),
    { project },
  );

  expect(
    (await histories.history(project)).points.map(({ hostFingerprint }) => hostFingerprint),
  ).toEqual(['sha256:a', 'sha256:a+sha256:b']);
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

  const { points } = await histories.history(project);
  expect(points).toMatchObject([{ hostFingerprint: 'sha256:a' }]);
  expect(points[0]!.value).toBeCloseTo(1.5, 1);
});

test('jobs without a project, and jobs that have not succeeded, are not in any history', async () => {
  const project = newProject();
  await measuredJob(store, run(1.5, 'sha256:a'));
  const id = await measuredJob(store, run(1.5, 'sha256:a'), { project });
  await store.pool.query("UPDATE job SET state = 'failed' WHERE id = $1", [id]);

  expect((await histories.history(project)).points).toEqual([]);
});

test('the command shows the series, a history and its alerts, changes an alert and creates a mark', async () => {
  const project = newProject();
  await histories.measureCommits(project, levels([10, 1.5], [10, 1.7]));
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
