// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobRequest } from '#contract/job.js';
import { eventsAfter } from '#store/events.js';
import { getJob, claimJob, reapJobs, requestCancel } from '#store/jobs.js';
import { openStore, type Store } from '#store/store.js';
import { runJob } from '#worker/job/job-runner.js';
import type { WorkerContext } from '#worker/job/worker-context.js';
import { RUN_PATHS } from '#worker/measure/command.js';
import { fakeBackend, FAKE_EVENT, type FakeCall, type FakeOptions } from '#support/fake-backend.js';
import { acceptedJob, fakeWorker, PORT_IO_STATUS } from '#support/fake-worker.js';

const CANCEL_LIMIT_MS = 30_000;
const TRACED = {
  events: [FAKE_EVENT],
  variants: ['none', { mode: 'backend', backend: 'simple', trace: true }] as never,
  workloads: [{ name: 'port-io', parameters: { writes: 10 } }],
};
/** Head and base of one variant, without a difference. */
const UNTIL_DECIDED = {
  blocks: undefined,
  baseline: { version: '10.0' } as JobRequest['baseline'],
  workloads: [{ name: 'port-io', parameters: { writes: 10 } }],
};
/** Both variants at the empty and full size in seven blocks, and at the middle size in two. */
const SAMPLES = 2 * (2 * 7 + 2);
/** Containers that read the emulators before the first run: one for each of the two images. */
const READERS = 2;
/**
 * Each run of the traced variant has its own container; the other variant has one for all its runs.
 */
const CONTAINERS = READERS + SAMPLES / 2 + 1;

/**
 * Steps at which a worker is held; a call that cannot be aborted continues after the job's state
 * has changed.
 */
const STEPS: readonly {
  readonly name: string;
  readonly at: (call: FakeCall) => boolean;
  readonly abortable: boolean;
}[] = [
  { name: 'claimed', at: ({ operation }) => operation === 'sweep', abortable: false },
  {
    name: 'building',
    at: ({ operation, command }) =>
      operation === 'run' && command.includes('qemu-system-x86_64') && command[0] === 'sh',
    abortable: true,
  },
  {
    name: 'running the warm-up block',
    at: ({ operation, run }) => operation === 'run' && run === READERS + 1,
    abortable: true,
  },
  {
    name: 'running block 3',
    at: ({ operation, run }) => operation === 'run' && run === READERS + 16,
    abortable: true,
  },
  {
    name: 'ingesting',
    at: ({ operation, path }) => operation === 'copyOut' && path === RUN_PATHS.trace,
    abortable: true,
  },
  {
    name: 'finishing',
    at: ({ operation, run }) => operation === 'remove' && run === CONTAINERS,
    abortable: false,
  },
];

let store: Store;
beforeAll(async () => void (store = await openStore(process.env.TEST_DATABASE_URL!)));
afterAll(() => store.close());

const engine = (options: Partial<FakeOptions> = {}) =>
  fakeBackend({ exitStatus: PORT_IO_STATUS, absent: /^qibench\/build:/, ...options });

/** Starts a job and holds its worker at a step. */
async function heldAt(
  step: (typeof STEPS)[number],
  settings: Partial<WorkerContext> = {},
  options: Partial<FakeOptions> = {},
) {
  const backend = engine(options);
  const { id } = await acceptedJob(store, TRACED);
  const hold = backend.hold(step.at);
  const handled = runJob(fakeWorker(store, backend, settings), () =>
    claimJob(store, id, settings.worker ?? 'fake'),
  );
  await Promise.race([
    hold.reached,
    handled.then(() => Promise.reject(new Error('the step was not reached'))),
  ]);
  return { id, backend, handled, hold, goOn: () => !step.abortable && hold.release() };
}

/** Resolves when the lease has been extended. */
async function renewed(id: string): Promise<void> {
  const leaseOf = async () =>
    (
      await store.pool.query<{ until: string }>(
        'SELECT lease_until::text AS until FROM job WHERE id = $1',
        [id],
      )
    ).rows[0]!.until;
  const before = await leaseOf();
  while ((await leaseOf()) === before) await new Promise((resolve) => setTimeout(resolve, 100));
}

const counted = async (id: string) =>
  (
    await store.pool.query<{ samples: number; distinct: number; traces: number }>(
      `SELECT count(*)::int AS samples, count(DISTINCT (block, position))::int AS distinct, ` +
        `(SELECT count(*)::int FROM trace WHERE job_id = $1) AS traces FROM sample WHERE ` +
        `job_id = $1`,
      [id],
    )
  ).rows[0];

test('a job without a fault succeeds', async () => {
  const backend = engine();
  const { id } = await acceptedJob(store, TRACED);

  await runJob(fakeWorker(store, backend), () => claimJob(store, id, 'fake'));

  expect(await getJob(store, id)).toMatchObject({ state: 'succeeded', error: null, blocksDone: 6 });
  expect(await counted(id)).toEqual({ samples: SAMPLES, distinct: SAMPLES, traces: 6 });
  expect(backend.left()).toEqual([]);
}, 60_000);

test(
  'a job that measures until its comparisons are decided succeeds at the first deciding check, ' +
    'and reports its progress',
  async () => {
    const { id } = await acceptedJob(store, {
      ...UNTIL_DECIDED,
      measure: { threshold: 0.02, within: '1h' },
    });

    await runJob(fakeWorker(store, engine()), () => claimJob(store, id, 'fake'));

    expect(await getJob(store, id)).toMatchObject({ state: 'succeeded', blocksDone: 16 });
    expect(await counted(id)).toEqual({ samples: 2 * 17, distinct: 2 * 17, traces: 0 });
    const blocks = (await eventsAfter(store, id, 0, 1_000)).flatMap(({ body }) =>
      body.type === 'block' ? [body] : [],
    );
    expect(blocks[0]).toMatchObject({ block: 0, warmup: true, undecided: 1, withinSeconds: 3_600 });
    expect(blocks.at(-1)).toMatchObject({ block: 16, undecided: 0, remainingSeconds: 0 });
  },
  60_000,
);

test('a job that measures until its comparisons are decided ends when its time is spent', async () => {
  const { id } = await acceptedJob(store, {
    ...UNTIL_DECIDED,
    measure: { threshold: 0.02, within: '10s' },
  });
  const slow = engine({ result: () => ({ wallNs: '6000000000' }) });

  await runJob(fakeWorker(store, slow), () => claimJob(store, id, 'fake'));

  expect(await getJob(store, id)).toMatchObject({ state: 'succeeded', blocksDone: 2 });
}, 60_000);

test('a trace written while the disk was full is not taken as complete: the job is retried', async () => {
  const backend = engine();
  const { id } = await acceptedJob(store, TRACED);
  const onFullDisk = { shortage: async () => null, isFull: async () => true };

  await runJob(fakeWorker(store, backend, { disk: onFullDisk }), () => claimJob(store, id, 'fake'));

  expect(await getJob(store, id)).toMatchObject({ state: 'queued', error: null });
  expect((await counted(id))!.traces).toBe(0);
  await store.pool.query('UPDATE job SET not_before = NULL WHERE id = $1', [id]);
  await runJob(fakeWorker(store, backend), () => claimJob(store, id, 'fake'));
  expect(await getJob(store, id)).toMatchObject({ state: 'succeeded', blocksDone: 6 });
  expect(await counted(id)).toEqual({ samples: SAMPLES, distinct: SAMPLES, traces: 6 });
}, 60_000);

test.each(STEPS)(
  'a job cancelled while $name ends as cancelled within 30 s, and leaves nothing',
  async (step) => {
    const { id, backend, handled, goOn } = await heldAt(step);

    const askedMs = performance.now();
    expect((await requestCancel(store, id)).cancelRequested).toBe(true);
    goOn();
    await handled;

    expect(performance.now() - askedMs).toBeLessThan(CANCEL_LIMIT_MS);
    expect(await getJob(store, id)).toMatchObject({
      state: 'cancelled',
      error: { code: 'CANCELLED' },
    });
    expect(backend.left()).toEqual([]);
  },
  60_000,
);

test.each(STEPS)(
  'a worker told to stop while $name gives the job back or ends it, leaves nothing, and another worker ends it',
  async (step) => {
    const shutdown = new AbortController();
    const { id, backend, handled, goOn } = await heldAt(step, { shutdown: shutdown.signal });

    shutdown.abort(new Error('the worker is stopping'));
    goOn();
    await handled;

    const stored = (await getJob(store, id))!;
    expect([stored.state, stored.epoch]).toEqual([
      step.name === 'finishing' ? 'succeeded' : 'queued',
      1,
    ]);
    expect(backend.left()).toEqual([]);

    await runJob(fakeWorker(store, backend, { worker: 'next' }), () => claimJob(store, id, 'next'));
    expect((await getJob(store, id))!.state).toBe('succeeded');
    expect(await counted(id)).toEqual({ samples: SAMPLES, distinct: SAMPLES, traces: 6 });
  },
  60_000,
);

test('a job cancelled while its worker stops ends as cancelled, and is not given back', async () => {
  const shutdown = new AbortController();
  const { id, handled } = await heldAt(STEPS[3]!, { shutdown: shutdown.signal });

  await requestCancel(store, id);
  shutdown.abort(new Error('the worker is stopping'));
  await handled;

  expect((await getJob(store, id))!.state).toBe('cancelled');
});

test('a cancelled job whose worker has died ends without it, well within 30 s', async () => {
  const { id } = await acceptedJob(store, TRACED);
  await claimJob(store, id, 'dead');
  await requestCancel(store, id);
  const { rows } = await store.pool.query<{ seconds: number }>(
    'SELECT extract(epoch FROM lease_until - now())::float8 AS seconds FROM job WHERE id = $1',
    [id],
  );
  expect(rows[0]!.seconds).toBeLessThan(15); // the reaper runs every ten

  await store.pool.query("UPDATE job SET lease_until = now() - interval '1 second' WHERE id = $1", [
    id,
  ]);
  await reapJobs(store);

  expect(await getJob(store, id)).toMatchObject({
    state: 'cancelled',
    error: { code: 'CANCELLED' },
  });
});

test.each([
  ['a build step', 'sh', { state: 'queued', error: null }],
  [
    'a measured run',
    'qibench-run',
    { state: 'failed', error: { code: 'RUN_TIMED_OUT', kind: 'workload' } },
  ],
] as const)(
  '%s that reaches its time limit ends the attempt, and only an infrastructure error is retried',
  async (_, program, expected) => {
    const backend = engine({ ending: ({ command }) => ({ timedOut: command[0] === program }) });
    const { id } = await acceptedJob(store);

    await runJob(fakeWorker(store, backend), () => claimJob(store, id, 'fake'));

    expect(await getJob(store, id)).toMatchObject({ ...expected, epoch: 1 });
    const { rows } = await store.pool.query<{ wait: boolean }>(
      'SELECT coalesce(not_before > now(), false) AS wait FROM job WHERE id = $1',
      [id],
    );
    expect(rows[0]!.wait).toBe(expected.state === 'queued');
    expect(backend.left()).toEqual([]);
  },
);

test('a job that fails on a temporarily full disk is retried, also once there is space', async () => {
  let full = true;
  let look!: () => void;
  const looked = new Promise<void>((resolve) => (look = resolve));
  const shortage = async () => {
    look();
    return full ? 'no room' : null;
  };
  const fails = {
    ending: ({ command }: { command: readonly string[] }) => ({
      exitStatus: command[0] === 'sh' ? 1 : 0,
    }),
  };
  const { id, handled, hold } = await heldAt(
    STEPS[1]!,
    { disk: { shortage, isFull: async () => false } },
    fails,
  );
  await looked;
  full = false;
  hold.release();
  await handled;

  expect(await getJob(store, id)).toMatchObject({ state: 'queued', epoch: 1 });
  const { rows } = await store.pool.query(
    "SELECT 1 FROM job_tally WHERE event = 'failed' AND state = 'queued' AND kind = 'infra' " +
      "AND code = 'UNAVAILABLE'",
  );
  expect(rows).toHaveLength(1);
});

test("the database's clock decides a job's time limit: the worker's own clock can be days off", async () => {
  const { id, backend, handled } = await heldAt(STEPS[3]!, { jobLimitMs: 60_000 });
  const now = Date.now;
  Date.now = () => now() + 30 * 86_400_000;
  try {
    for (const _ of [1, 2]) await renewed(id);
    expect((await getJob(store, id))!.state).toBe('measuring');

    await store.pool.query(
      "UPDATE job SET started_at = started_at - interval '1 minute' WHERE id = $1",
      [id],
    );
    await handled;
  } finally {
    Date.now = now;
  }

  expect(await getJob(store, id)).toMatchObject({
    state: 'failed',
    error: { code: 'JOB_TIMED_OUT' },
  });
  expect(backend.left()).toEqual([]);
}, 60_000);
