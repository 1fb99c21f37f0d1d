// SPDX-License-Identifier: GPL-2.0-or-later
import { claimJob, getJob } from '#store/jobs.js';
import { eventsAfter } from '#store/events.js';
import { listSamples } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { runJob } from '#worker/job/job-runner.js';
import { fakeBackend } from '#support/fake-backend.js';
import { acceptedJob, fakeWorker, PORT_IO_STATUS } from '#support/fake-worker.js';

let store: Store;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
});
afterAll(() => store.close());

test(
  'a build worker leaves nothing but images, and a measuring worker measures the job that it ' +
    'handed over',
  async () => {
    const { id } = await acceptedJob(store);
    const [forBuilds, forRuns] = [
      fakeBackend({ exitStatus: PORT_IO_STATUS, absent: /^qibench\/build:/ }),
      fakeBackend({ exitStatus: PORT_IO_STATUS }),
    ];

    await runJob(fakeWorker(store, forBuilds, { role: 'build', worker: 'builds' }), () =>
      claimJob(store, id, 'builds'),
    );
    expect(await getJob(store, id)).toMatchObject({ state: 'queued', epoch: 1, blocksDone: 0 });
    expect([await listSamples(store, id), forBuilds.left()]).toEqual([[], []]);

    await runJob(fakeWorker(store, forRuns, { role: 'measure', worker: 'measures' }), () =>
      claimJob(store, id, 'measures'),
    );
    expect(await getJob(store, id)).toMatchObject({ state: 'succeeded', epoch: 2, blocksDone: 6 });
    // full, empty, and twice the middle size
    expect(await listSamples(store, id)).toHaveLength(2 * 7 + 2);
    const states = (await eventsAfter(store, id, 0, 1_000)).flatMap(({ body }) =>
      body.type === 'state' ? [body.state] : [],
    );
    expect(states).toEqual(['queued', 'building', 'queued', 'building', 'measuring', 'succeeded']);
  },
);

test('a handler without a job does nothing', async () => {
  expect(
    await runJob(fakeWorker(store, fakeBackend({ exitStatus: 0 })), () => Promise.resolve(null)),
  ).toBe(false);
});
