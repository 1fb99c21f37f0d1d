import { Command, Option } from 'commander';
import { fileURLToPath } from 'node:url';
import { QibenchError } from '../contract/error.js';
import type { Build } from '../contract/build.js';
import type { Comparison } from '../contract/comparison.js';
import type { HostList } from '../contract/host.js';
import { ENDED_STATES, type Job, type JobList } from '../contract/job.js';
import type { LogPage } from '../contract/job-event.js';
import { FAIL_ON, type FailOn } from '../contract/judged.js';
import { blocksText, expectationWords } from '../contract/progress-words.js';
import type { EventList } from '../contract/qemu.js';
import type { WorkloadDefinition } from '../contract/workload.js';
import { accessCommands } from './access-commands.js';
import { backupCommands } from './backup-commands.js';
import { bisectFile, bisectionText } from './bisect-file.js';
import { Client, ServiceError } from './client.js';
import { failsOn } from './fail-on.js';
import { fleetCommands } from './fleet-commands.js';
import { formatCommands } from './format-commands.js';
import { historyCommands } from './history-commands.js';
import { printable } from '../client/printable.js';
import { followJob } from './progress.js';
import { submitFile } from './submit.js';
import { loadBundle, sendUploads } from './bundle.js';
import { compareOutcomes } from './reproduce.js';
import { comparisonText, hostTable, reproductionText } from './table.js';
import { traceCommands } from './trace-commands.js';

const rootDir = process.env.QIBENCH_ROOT ?? fileURLToPath(new URL('../../..', import.meta.url));
const program = new Command('qibench')
  .description('Benchmarks of QEMU trace instrumentation')
  .option(
    '--server <url>',
    'URL of the service',
    process.env.QIBENCH_SERVER ?? 'http://127.0.0.1:7171',
  )
  .option(
    '--token <token>',
    'token for the service; prefer QIBENCH_TOKEN, since other users can see arguments',
  )
  .option('--json', 'print JSON', false);

const client = () => {
  const { server, token } = program.opts<{ server: string; token?: string }>();
  return new Client(server, token ?? process.env.QIBENCH_TOKEN);
};

function print(value: unknown, text: () => string): void {
  process.stdout.write(
    program.opts<{ json: boolean }>().json ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`,
  );
}

program
  .command('demo')
  .description('set up this machine, run the example job on real QEMU and show the table')
  .option('--exit', 'stop the service afterwards, also on a terminal', !process.stdout.isTTY)
  .action(async (options: { exit: boolean }) => {
    const { demo } = await import('./demo.js');
    process.exit(
      await demo(rootDir, { exit: options.exit, json: program.opts<{ json: boolean }>().json }),
    );
  });

program
  .command('up')
  .description('run the whole service on this machine, until Ctrl-C')
  .action(async () => {
    const { startService } = await import('./up.js');
    const service = await startService(rootDir, process.env, (line) =>
      process.stderr.write(`${line}\n`),
    );
    await new Promise<void>((resolve) =>
      ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, () => resolve())),
    );
    await service.stop();
  });

program
  .command('migrate')
  .description(
    'migrate the database that DATABASE_URL names to this version; `up` does this by itself',
  )
  .action(async () => {
    const { DATABASE_URL: url = '' } = process.env;
    if (url === '')
      throw new QibenchError('BAD_SETTING', {
        setting: 'DATABASE_URL',
        reason: 'is required',
      });
    const { migrate } = await import('../store/migrate.js');
    const applied = await migrate(url, rootDir);
    print(applied, () => (applied.length === 0 ? 'nothing to apply' : applied.join('\n')));
  });

program
  .command('submit <file>')
  .description('submit a job file')
  .option('--wait', 'show progress until the job ends', false)
  .addOption(
    new Option(
      '--fail-on <verdict>',
      'with --wait: exit with status 1 on this verdict of head against base',
    )
      .choices(FAIL_ON)
      .default('never'),
  )
  .option('--idempotency-key <key>', 'return the existing job if this key was submitted before')
  .action(
    async (file: string, options: { wait: boolean; failOn: FailOn; idempotencyKey?: string }) => {
      const job = await submitFile(client(), file, options.idempotencyKey);
      process.stderr.write(`${expectationWords(job.plan)}\n`);
      if (!options.wait) return print(job, () => job.id);
      const ended = await followJob(client(), job.id, process.stderr);
      await showJob(ended);
      if (ended.state !== 'succeeded' || (await failsOn(client(), ended, options.failOn)))
        process.exitCode = 1;
    },
  );

program
  .command('show <job>')
  .description('show the state and the comparison of a job')
  .option(
    '--metric <name>',
    'metric to compare: wallNs, userNs, systemNs, maxRssBytes, hostInstructions, ' +
      'guestInstructions, or one that a workload declares',
    'wallNs',
  )
  .option('--mixed-hosts', 'also compare samples of different hosts', false)
  .action(async (id: string, options: ComparisonChoice) =>
    showJob(await client().get<Job>(`/v1/jobs/${encodeURIComponent(id)}`), options),
  );

program
  .command('list')
  .description('list the newest jobs')
  .action(async () => {
    const { jobs } = await client().get<JobList>('/v1/jobs');
    print(jobs, () =>
      jobs
        .map((job) => `${job.id}  ${job.state.padEnd(9)}  ${job.createdAt}  ${printable(job.name)}`)
        .join('\n'),
    );
  });

program
  .command('logs <job>')
  .description("print a job's log")
  .option('-f, --follow', 'keep printing until the job ends', false)
  .action(async (id: string, options: { follow: boolean }) => {
    for (let after = 0; ;) {
      const page = await client().get<LogPage>(
        `/v1/jobs/${encodeURIComponent(id)}/logs?after=${after}`,
      );
      for (const chunk of page.chunks) process.stdout.write(printable(chunk.text));
      after = page.next;
      if (page.chunks.length > 0) continue;
      if (!options.follow || page.ended) return;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  });

program
  .command('cancel <job>')
  .description('cancel a job')
  .action(async (id: string) => {
    const job = await client().post<Job>(`/v1/jobs/${encodeURIComponent(id)}/cancel`, {});
    print(job, () => (ENDED_STATES.includes(job.state) ? job.state : 'cancel requested'));
  });

program
  .command('events <version>')
  .description('list the trace events of a QEMU version')
  .option('--match <glob>', 'only names that match', '*')
  .action(async (version: string, options: { match: string }) => {
    const list = await client().get<EventList>(
      `/v1/qemu/${encodeURIComponent(version)}/events?limit=10000&match=${encodeURIComponent(options.match)}`,
    );
    print(list, () =>
      list.events
        .map(
          (event) =>
            `${event.name}(${event.arguments.map(({ type, name }) => `${type} ${name}`).join(', ')})  ${event.directory || '.'}`,
        )
        .join('\n'),
    );
  });

program
  .command('workloads')
  .description('list the workloads that jobs can name')
  .action(async () => {
    const { workloads } = await client().get<{ workloads: WorkloadDefinition[] }>('/v1/workloads');
    print(workloads, () =>
      workloads
        .map(
          ({ name, summary, targets, parameters }) =>
            `${name.padEnd(12)} ${summary} (${targets.join(', ')}) ${Object.keys(parameters).join(', ')}`,
        )
        .join('\n'),
    );
  });

program
  .command('hosts')
  .description('list the hosts that measured, with the rate of false alarms of each in A/A jobs')
  .action(async () => {
    const list = await client().get<HostList>('/v1/hosts');
    print(list, () => hostTable(list.hosts));
  });

program
  .command('reproduce <job>')
  .description(
    'build and run a job again, here or on another machine, and compare the results; ' +
      '<job> is an id or a bundle file',
  )
  .option(
    '--from <url>',
    'service that has the job, with its token in QIBENCH_FROM_TOKEN; ' +
      'default: the service that runs it again',
  )
  .action(async (id: string, options: { from?: string }) => {
    const bundle = await loadBundle(
      options.from === undefined
        ? client()
        : new Client(options.from, process.env.QIBENCH_FROM_TOKEN),
      id,
    );
    await sendUploads(client(), id, bundle);
    const accepted = await client().post<Job>('/v1/jobs', bundle.job);
    const job = await followJob(client(), accepted.id, process.stderr);
    if (job.state !== 'succeeded') {
      await showJob(job);
      process.exitCode = 1;
      return;
    }
    const { builds } = await client().get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
    const comparison = await client().get<Comparison>(`/v1/jobs/${job.id}/comparison`);
    const reproduction = compareOutcomes(bundle.expected, {
      workloads: job.plan.workloads,
      builds,
      comparison,
    });
    print(
      { job, comparison, reproduction },
      () => `${job.id}  ${printable(job.name)}\n${reproductionText(reproduction)}`,
    );
    if (!reproduction.reproduced) process.exitCode = 1;
  });

program
  .command('bisect <file>')
  .description(
    'find which of a list of sources or patches changed a metric; resumes if interrupted',
  )
  .action(async (file: string) => {
    const found = await bisectFile(client(), file, process.stderr);
    print(found, () => bisectionText(found));
    if (found.changed === null) process.exitCode = 1;
  });

fleetCommands(program, client, print);
formatCommands(program, client, print);
historyCommands(program, client, print);
traceCommands(program, client, print);
accessCommands(program, client, print);
backupCommands(program, rootDir, print);

interface ComparisonChoice {
  readonly metric: string;
  readonly mixedHosts: boolean;
}

async function showJob(
  job: Job,
  choice: ComparisonChoice = { metric: 'wallNs', mixedHosts: false },
): Promise<void> {
  const query = new URLSearchParams({
    metric: choice.metric,
    mixedHosts: String(choice.mixedHosts),
  });
  const comparison =
    job.blocksDone > 0
      ? await client().get<Comparison>(`/v1/jobs/${job.id}/comparison?${query}`)
      : null;
  print({ job, comparison }, () => {
    const lines = [
      `${job.id}  ${job.state}, ${blocksText(job.blocksDone, job.plan)}  ${printable(job.name)}`,
    ];
    if (job.error !== null)
      lines.push(
        `${job.error.kind} error ${job.error.code}: ${printable(job.error.message)}`,
        ...job.error.details.map(
          ({ path, message }) => `  ${printable(path)}: ${printable(message)}`,
        ),
      );
    lines.push(
      ...job.cuts.map(
        ({ what, limitBytes }) => `truncated: ${printable(what)}, limited to ${limitBytes} bytes`,
      ),
    );
    if (comparison !== null) lines.push(comparisonText(comparison));
    return lines.join('\n');
  });
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ServiceError) && !(error instanceof QibenchError)) throw error;
  const { code, kind, message, details } = error;
  if (program.opts<{ json: boolean }>().json)
    process.stderr.write(`${JSON.stringify({ error: { code, kind, message, details } })}\n`);
  else
    process.stderr.write(
      `${printable(message)}\n${details.map((detail) => `  ${printable(detail.path)}: ${printable(detail.message)}\n`).join('')}`,
    );
  process.exitCode = error.kind === 'user' ? 1 : 2;
}
