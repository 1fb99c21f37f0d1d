// SPDX-License-Identifier: GPL-2.0-or-later
import { queueLine } from '#cli/commands/queue.js';
import { workerLine } from '#cli/commands/worker.js';
import type { QueueEntry } from '#contract/queue.js';
import { exampleReport } from '#support/example-report.js';
import type { Worker } from '#contract/worker.js';

const entry: QueueEntry = {
  jobId: '00000000-0000-4000-8000-000000000000',
  state: 'queued',
  blocksDone: 0,
  blocks: 6,
  position: 2,
  lacking: null,
  estimatedStartAt: null,
  estimatedEndAt: null,
};
const worker: Worker = {
  id: 'w',
  version: '1',
  hostFingerprint: null,
  cpuset: '1-3',
  cores: 3,
  role: 'both',
  labels: ['quiet'],
  targets: ['x86_64-softmmu'],
  knobs: [],
  notReady: null,
  job: null,
  startedAt: '',
  seenAt: '',
  lost: false,
  capabilities: [
    { name: 'kvm', available: false, reason: 'none' },
    { name: 'perf', available: true, reason: null },
  ],
};

const mine = { name: 'mine', plan: exampleReport(['w']).job.plan };

test("the queue shows a waiting job's place and the reason why it waits", () => {
  expect(queueLine(entry, mine)).toBe(`${entry.jobId}  queued     number 2      mine`);
  expect(
    queueLine({ ...entry, lacking: 'no worker has label quiet' }, { ...mine, name: 'a\u001b[2J' }),
  ).toBe(`${entry.jobId}  queued     number 2      a\\x1b[2J  waits: no worker has label quiet`);
  expect(
    queueLine({ ...entry, state: 'measuring', position: null, blocksDone: 4 }, mine),
  ).toContain('block 4/6');
});

test('a worker is shown with its role, labels, capabilities and current activity', () => {
  expect(workerLine(worker)).toBe(
    'w  builds and measures  3 CPUs  quiet perf  1 targets  waits for jobs',
  );
  expect(workerLine({ ...worker, role: 'build', lost: true })).toContain('only builds');
});
