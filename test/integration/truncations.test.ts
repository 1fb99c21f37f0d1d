// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Job } from '#contract/job.js';
import { claimJob, getJob } from '#store/jobs.js';
import { appendLog, LOG_LIMIT_BYTES, logsAfter } from '#store/logs.js';
import { openStore, type Store } from '#store/store.js';
import { STEP_LOG_BYTES } from '#worker/build/script.js';
import { runJob } from '#worker/job/job-runner.js';
import { OUTPUT_LIMIT_BYTES } from '#worker/measure/command.js';
import { startApi } from '#support/api-process.js';
import { fakeBackend, FAKE_EVENT } from '#support/fake-backend.js';
import { acceptedJob, fakeWorker, PORT_IO_STATUS } from '#support/fake-worker.js';
import { header, mapping, record } from '#support/trace-encoder.js';

let store: Store;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  api = await startApi();
}, 60_000);
afterAll(async () => {
  await api.stop();
  await store.close();
});

const logOf = async (id: string) =>
  (await logsAfter(store, id, 0, 10_000)).map(({ text }) => text).join('');
const show = async (id: string) =>
  (
    await promisify(execFile)(process.execPath, [
      'dist/services/cli/main.js',
      '--server',
      api.client.server,
      'show',
      id,
    ])
  ).stdout;

test(
  "truncation of a step log, a run's output and a trace is marked in the log, with the job and " +
    'by the command',
  async () => {
    const records = Array.from({ length: 40_000 }, (_, index) =>
      record(1n, BigInt(index), 1, 0n, 0n, 0n, 0n, 1n, 'port'),
    );
    const backend = fakeBackend({
      exitStatus: PORT_IO_STATUS,
      absent: /^qibench\/build:/,
      trace: Buffer.concat([header(), mapping(1n, FAKE_EVENT), ...records]),
      output: ({ command }) => (command[0] === 'sh' ? 'x'.repeat(STEP_LOG_BYTES) : ''),
      result: (_, run) => ({ outputTruncated: run === 3 }),
    });
    const { id } = await acceptedJob(store, {
      events: [FAKE_EVENT],
      variants: [{ mode: 'backend', backend: 'simple', trace: true }] as never,
    });

    await runJob(fakeWorker(store, backend, { traceMaxBytes: 1_000 }), () =>
      claimJob(store, id, 'fake'),
    );

    const truncations = [
      { what: 'the log of build backend-simple', limitBytes: STEP_LOG_BYTES },
      { what: 'a trace of backend-simple with port-io', limitBytes: 1_000 },
      {
        what: 'the output of a run of backend-simple with port-io',
        limitBytes: OUTPUT_LIMIT_BYTES,
      },
    ];
    const job = await api.client.get<Job>(`/v1/jobs/${id}`);
    expect(job.state).toBe('succeeded');
    expect(job.truncations).toHaveLength(truncations.length);
    expect(job.truncations).toEqual(expect.arrayContaining(truncations));
    const [log, shown] = [await logOf(id), await show(id)];
    for (const { what, limitBytes } of truncations) {
      expect(
        log.split(`[qibench: ${what} is truncated at its limit of ${limitBytes} bytes]`),
      ).toHaveLength(2);
      expect(shown).toContain(`truncated: ${what}, limited to ${limitBytes} bytes`);
    }
  },
  60_000,
);

test('the log of a job ends at its limit with a mark, and the job reports it', async () => {
  const { id } = await acceptedJob(store);
  const { epoch } = (await claimJob(store, id, 'w'))!;
  const mebibyte = `${'x'.repeat(1024 ** 2 - 1)}\n`;
  for (let bytes = 0; bytes < LOG_LIMIT_BYTES + 2 * mebibyte.length; bytes += mebibyte.length)
    await appendLog(store, id, epoch, 'build', mebibyte);

  const log = await logOf(id);
  expect(log.length).toBeLessThan(LOG_LIMIT_BYTES + 1_000);
  expect(log).toMatch(/\[qibench: log truncated, its size limit is reached\]\n$/);
  expect((await getJob(store, id))!.truncations).toEqual([
    { what: 'the log', limitBytes: LOG_LIMIT_BYTES },
  ]);
}, 60_000);
