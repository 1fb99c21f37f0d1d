// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { claimJob, getJob } from '#store/jobs.js';
import { openStore, type Store } from '#store/store.js';
import { runJob } from '#worker/job/job-runner.js';
import { fakeBackend } from '#support/fake-backend.js';
import { acceptedJob, fakeWorker, PORT_IO_STATUS } from '#support/fake-worker.js';

let store: Store;
beforeAll(async () => void (store = await openStore(process.env.TEST_DATABASE_URL!)));
afterAll(() => store.close());

test.each([['OVER_LIMIT'], ['KILLED_FROM_WITHIN']] as const)(
  'code that breaks its sandbox is not retried, even if it has filled the disk: %s',
  async (code) => {
    const { id } = await acceptedJob(store);
    const hostile = fakeBackend({
      exitStatus: PORT_IO_STATUS,
      absent: /^qibench\/build:/,
      ending({ command }) {
        if (command[0] === 'sh') throw new QibenchError(code, { what: 'the code' });
        return {};
      },
    });
    const full = { shortage: async () => 'no room', isFull: async () => false };

    await runJob(fakeWorker(store, hostile, { disk: full }), () => claimJob(store, id, 'fake'));

    expect(await getJob(store, id)).toMatchObject({
      state: 'failed',
      epoch: 1,
      error: { code, kind: 'user' },
    });
  },
  60_000,
);
