// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type { HostFingerprint } from '#contract/host.js';
import { claimJob, getJob } from '#store/jobs.js';
import { listBuilds, recordHost } from '#store/builds.js';
import { listHosts, newestGuestNoise, recordGuestNoise } from '#store/hosts.js';
import { discardBlock, insertSamples, listFigures, listSamples } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { newSampleOf } from '#support/sample.js';
import { acceptTestJob } from '#support/accepted-job.js';

let store: Store;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
});
afterAll(() => store.close());

const accept = () => acceptTestJob(store);

const sample = newSampleOf({ workload: 'port-io', wallNs: '9007199254740993' });

test("a job's plan from before plugins is read with defaults for its missing fields", async () => {
  const { id, plan } = await accept();
  const stored = {
    ...plan,
    variants: [{ name: 'none', mode: 'none', backend: null, trace: false }],
  };
  await store.pool.query('UPDATE job SET plan = $2 WHERE id = $1', [id, JSON.stringify(stored)]);

  expect((await claimJob(store, id, 'w'))!.plan.variants).toEqual([
    {
      name: 'none',
      side: 'head',
      mode: 'none',
      backend: null,
      plugin: null,
      arguments: [],
      trace: false,
    },
  ]);
});

test('a sample belongs to a side and a batch, and has a unique place in its block', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  await insertSamples(store, job.id, epoch, [sample]);
  await insertSamples(store, job.id, epoch, [{ ...sample, side: 'base', batch: 2, position: 1 }]);

  await expect(
    insertSamples(store, job.id, epoch, [{ ...sample, side: 'base' }]),
  ).rejects.toThrow();
  expect((await listSamples(store, job.id)).map(({ side, batch }) => [side, batch])).toEqual([
    ['head', 1],
    ['base', 2],
  ]);
});

test('samples stored before sides existed belong to head, in the first batch', async () => {
  const { id } = await accept();
  await store.pool.query(
    `INSERT INTO sample (job_id, epoch, block, position, variant, workload, wall_ns, user_ns,
       system_ns, max_rss_bytes, exit_status, metrics, host_fingerprint, build_key, started_at)
     VALUES ($1, 1, 1, 0, 'none', 'w', 1, 1,
       1, 1, 0, '[]', 'h', 'k', now())`,
    [id],
  );
  await store.pool.query(
    `INSERT INTO build (job_id, variant, key, inputs, binary_digest, image, cached, ` +
      `duration_ms) VALUES ($1, 'none', 'k', '{}', 'b', 'i', true, 1)`,
    [id],
  );

  expect(await listSamples(store, id)).toMatchObject([{ side: 'head', batch: 1 }]);
  expect(await listBuilds(store, id)).toMatchObject([{ side: 'head', variant: 'none' }]);
});

test('the same sample cannot be stored twice, and nanoseconds beyond 2^53 are exact', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;

  await insertSamples(store, job.id, epoch, [sample]);

  await expect(insertSamples(store, job.id, epoch, [sample])).rejects.toThrow();
  expect((await listSamples(store, job.id)).map(({ wallNs }) => wallNs)).toEqual([
    '9007199254740993',
  ]);
});

test('the samples of a block are stored with the finished block, all or none', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  const block = (number: number) =>
    [0, 1].map((position) => ({ ...sample, block: number, position }));
  const stored = async () => ({
    blocksDone: (await getJob(store, job.id))!.blocksDone,
    places: (await listSamples(store, job.id)).map(({ block, position }) => [block, position]),
  });

  const ids = await insertSamples(store, job.id, epoch, block(1), 1);
  expect(ids).toEqual((await listSamples(store, job.id)).map(({ id }) => id));
  await expect(insertSamples(store, job.id, epoch, [...block(2), sample], 2)).rejects.toThrow();
  await expect(insertSamples(store, job.id, epoch - 1, block(2), 2)).rejects.toMatchObject({
    code: 'LEASE_LOST',
  });

  expect(await stored()).toEqual({
    blocksDone: 1,
    places: [
      [1, 0],
      [1, 1],
    ],
  });
});

test('a stored sample keeps its draw and its counts', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  const drawn = newSampleOf({
    position: 7,
    group: 3,
    size: 'empty',
    sizeValue: 1,
    link: 15,
    cpus: '1',
    environmentBytes: 4_095,
    stackBytes: 8_392_704,
    minorFaults: '9007199254740993',
    majorFaults: '2',
    voluntarySwitches: '3',
    involuntarySwitches: '4',
  });

  await insertSamples(store, job.id, epoch, [drawn]);

  expect(await listSamples(store, job.id)).toMatchObject([drawn]);
});

test(
  'the noise of guests is known from the last host that measured them, and a known layout is ' +
    'kept',
  async () => {
    const target = 'riscv64-linux-user';
    const guest = (
      host: string,
      workload: string,
      noiseSd: number,
      layoutSd: number | null = null,
    ) => ({
      hostFingerprint: host,
      workload,
      noiseSd,
      layoutSd,
      runSeconds: 0.1,
    });
    const [old, recent] = [`sha256:${randomUUID()}`, `sha256:${randomUUID()}`];
    await recordHost(store, { digest: recent } as HostFingerprint);

    await recordGuestNoise(store, target, [guest(old, 'a', 0.1), guest(old, 'b', 0.2)]);
    await recordGuestNoise(store, target, [guest(recent, 'a', 0.3, 0.016)]);
    await recordGuestNoise(store, target, [guest(recent, 'a', 0.4)]);

    expect(await newestGuestNoise(store, target, ['a', 'b', 'c'])).toEqual([
      { target, ...guest(recent, 'a', 0.4, 0.016) },
      { target, ...guest(old, 'b', 0.2) },
    ]);
    expect(await listHosts(store, [recent])).toMatchObject([
      { guests: [{ target, workload: 'a', noiseSd: 0.4, layoutSd: 0.016 }] },
    ]);
    expect(await newestGuestNoise(store, target, ['b'])).toMatchObject([{ workload: 'b' }]);
    expect(await newestGuestNoise(store, 'aarch64-linux-user', ['a'])).toEqual([]);
  },
);

test('a host shows the guests that it measured last, however many others there are', async () => {
  const host = `sha256:${randomUUID()}`;
  await recordHost(store, { digest: host } as HostFingerprint);
  const guests = Array.from({ length: 120 }, (_, at) => ({
    hostFingerprint: host,
    workload: `port-io writes=${at + 100}`,
    noiseSd: 0.1,
    layoutSd: null,
    runSeconds: 0.1,
  }));
  await recordGuestNoise(store, 'aarch64-softmmu', guests);

  const [record] = await listHosts(store, [host]);
  expect(record!.guests).toHaveLength(100);
  expect(record!.guests.map(({ workload }) => workload)).not.toContain('port-io writes=100');
  expect(record!.guests.map(({ workload }) => workload)).toContain('port-io writes=219');
});

test('instruction samples are kept apart from timed ones, also when either is measured again', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  const noise = {
    stealNs: null,
    pressureNs: { cpu: '2', io: null, memory: '0' },
    load: 0.5,
    frequencyHz: null,
  };
  const counted = {
    ...sample,
    kind: 'instructions' as const,
    hostInstructions: '9007199254740993',
    guestInstructions: null,
  };
  await insertSamples(store, job.id, epoch, [{ ...sample, noise }]);
  await insertSamples(store, job.id, epoch, [counted]);
  await insertSamples(store, job.id, epoch, [
    {
      ...counted,
      block: 0,
      hostInstructions: null,
      guestInstructions: '42',
    },
  ]);

  expect((await listSamples(store, job.id)).map(({ kind, noise: seen }) => [kind, seen])).toEqual([
    ['timed', noise],
  ]);
  expect(
    (await listSamples(store, job.id, 'instructions')).map(
      ({ hostInstructions, guestInstructions }) => [hostInstructions, guestInstructions],
    ),
  ).toEqual([
    [null, '42'],
    ['9007199254740993', null],
  ]);

  await discardBlock(store, job.id, epoch, 1);
  expect([
    (await listSamples(store, job.id)).length,
    (await listSamples(store, job.id, 'instructions')).length,
  ]).toEqual([0, 2]);
  await discardBlock(store, job.id, epoch, 'instructions');
  expect(await listSamples(store, job.id, 'instructions')).toEqual([]);
});

test('a sample from before kinds existed is a timed one, without noise and instructions', async () => {
  const job = await accept();
  await store.pool.query(
    `INSERT INTO sample (job_id, epoch, block, position, variant, workload, wall_ns, user_ns,
       system_ns, max_rss_bytes, exit_status, metrics, host_fingerprint, build_key, started_at)
     VALUES ($1, 1, 1, 0, 'none', 'port-io', 5, 4,
       1, 4096, 0, '[]', 'sha256:x', 'k', now())`,
    [job.id],
  );

  expect(await listSamples(store, job.id)).toMatchObject([
    { kind: 'timed', wallNs: '5', noise: null, hostInstructions: null, guestInstructions: null },
  ]);
});

test('figures are read with the metrics that they need, whatever the runs printed', async () => {
  const job = await accept();
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  const named = (name: string, value: number) => ({ name, value, unit: 'ns' });
  const printed = {
    ...sample,
    metrics: [
      ...Array.from({ length: 500 }, (_, index) => named(`noise-${index}`.padEnd(60, 'x'), index)),
      named('wanted', 1),
      named('wanted', 2),
      named('judged', 3),
    ],
    events: { a: '9007199254740993', b: '2' },
  };
  await insertSamples(store, job.id, epoch, [printed, { ...sample, position: 1 }]);
  const plan = { ...job.plan, thresholds: [{ metric: 'judged', threshold: 0.1 }] };

  const figures = await listFigures(store, { id: job.id, plan }, ['wanted', 'wallNs']);

  const whole = await listSamples(store, job.id);
  expect(figures).toEqual([
    {
      ...whole[0],
      metrics: [named('wanted', 2), named('judged', 3)],
      events: { total: '9007199254740995' },
    },
    whole[1],
  ]);
  expect(await listFigures(store, job, [], 'instructions')).toEqual([]);
});
