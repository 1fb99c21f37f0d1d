// SPDX-License-Identifier: GPL-2.0-or-later
// Measures the capacity of one machine: `npm run bench:scale [-- --help]`. Prints the tables of
// docs/scale.md.
import { cpus } from 'node:os';
import Table from 'cli-table3';
import { programOptions } from '#support/program-options.js';
import { drain } from './scale/drain.js';
import { grow } from './scale/growth.js';
import { queueCost } from './scale/queue.js';
import { startStack } from './scale/stack.js';
import { forgetJobs, submit } from './scale/submissions.js';

const { values } = programOptions(
  'npm run bench:scale -- [--seconds of load per number of --connections] [--queue-jobs of the ' +
    'comparison with bare BullMQ] [--jobs in a queue that each number of --workers drains a part ' +
    'of] [--samples, the sizes that the store grows to]',
  {
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '1,16,64' },
    'queue-jobs': { type: 'string', default: '2000' },
    jobs: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '1,2,4' },
    samples: { type: 'string', default: '100000,1000000' },
  },
);
const numbers = (list: string) => list.split(',').map(Number);
const print = (title: string, head: string[], rows: (string | number)[][]) => {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows);
  process.stdout.write(`\n${title}\n${table.toString()}\n`);
};
const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

const stack = await startStack();
try {
  const load = [];
  for (const connections of numbers(values.connections))
    load.push(await submit(stack, connections, Number(values.seconds)));
  print(
    'submissions, each recorded when it is answered',
    ['connections', 'submissions/s', 'p50', 'p99', 'accepted'],
    load.map((row) => [
      row.connections,
      row.perSecond.toFixed(0),
      ms(row.p50Ms),
      ms(row.p99Ms),
      row.accepted,
    ]),
  );
  await forgetJobs(stack);

  const { bareMsPerJob, ourMsPerJob } = await queueCost(stack, Number(values['queue-jobs']));
  print(
    'an empty job, one worker',
    ['queue', 'per job'],
    [
      ['bare BullMQ', ms(bareMsPerJob)],
      ['qibench: claim, two steps and end recorded', ms(ourMsPerJob)],
      ['overhead', ms(ourMsPerJob - bareMsPerJob)],
    ],
  );

  const drained = await drain(stack, Number(values.jobs), numbers(values.workers));
  print(
    `a queue of ${values.jobs} jobs of 7 samples each on a fake engine, an equal part of it ` +
      'by each number of workers; none lost, no sample twice',
    ['workers', 'jobs', 'took', 'jobs/s', 'largest worker'],
    drained.map((row) => [
      row.workers,
      row.jobs,
      `${row.seconds.toFixed(0)} s`,
      row.jobsPerSecond.toFixed(1),
      megabytes(row.workerPeakBytes),
    ]),
  );

  const grown = await grow(stack, numbers(values.samples));
  const addresses = Object.keys(grown[0]!.medianMs);
  print(
    'median answer of the API as the store grows',
    ['', ...grown.map(({ samples }) => `${samples} samples`)],
    [
      ['database', ...grown.map(({ databaseBytes }) => megabytes(databaseBytes))],
      ...addresses.map((path) => [
        `GET ${path}`,
        ...grown.map(({ medianMs }) => ms(medianMs[path]!)),
      ]),
    ],
  );
  print(
    'memory, peak so far',
    ['process', ''],
    Object.entries(stack.memory()).map(([name, bytes]) => [
      name === 'Postgres' ? 'Postgres, now' : name,
      megabytes(bytes),
    ]),
  );
  process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}\n`);
} finally {
  await stack.stop();
}
