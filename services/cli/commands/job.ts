// SPDX-License-Identifier: GPL-2.0-or-later
import { Option, type Command } from 'commander';
import { printable } from '#client/printable.js';
import { EXPORT_FORMATS } from '#contract/format.js';
import { ENDED_STATES, type Job, type JobList } from '#contract/job.js';
import type { LogPage } from '#contract/job-event.js';
import { FAIL_ON, type FailOn } from '#contract/findings.js';
import { previewWords } from '#contract/preview-words.js';
import { expectationWords } from '#contract/progress-words.js';
import { bisectFile, bisectionText } from '../bisect-file.js';
import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { download } from '../download.js';
import { failsOn } from '../fail-on.js';
import { completeJobId } from '../job-id.js';
import { followJob } from '../progress.js';
import { reproduceJob } from '../reproduce-job.js';
import { addWhy } from './profile.js';
import { showJob, type ComparisonChoice } from '../show-job.js';
import { previewFile, submitFile } from '../submit.js';

/** Exit status of a bisection that leaves several candidates. */
const SEVERAL_SUSPECTS = 3;

/** Adds the commands of `job`. */
export function jobCommands(program: Command, context: Context): void {
  const job = program.command('job').description('submit, show and repeat jobs');
  addSubmit(job, context);
  addShow(job, context);
  addList(job, context);
  addLog(job, context);
  addCancel(job, context);
  addExport(job, context);
  addReproduce(job, context);
  addBisect(job, context);
  addWhy(job, context);
}

/** Adds `submit`, `show` and `why`, the short forms of `job submit`, `job show` and `job why`. */
export function jobShortForms(program: Command, context: Context): void {
  addSubmit(program, context);
  addShow(program, context);
  addWhy(program, context);
}

function addSubmit(parent: Command, context: Context): void {
  const { client, print } = context;
  parent
    .command('submit <file>')
    .description('submit a job file')
    .option('--plan', 'show its builds, runs and time without submitting it', false)
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
      async (
        file: string,
        options: { plan: boolean; wait: boolean; failOn: FailOn; idempotencyKey?: string },
      ) => {
        if (options.plan) {
          const preview = await previewFile(client(), file);
          return print(preview, () => previewWords(preview).join('\n'));
        }
        const job = await submitFile(client(), file, options.idempotencyKey);
        process.stderr.write(`${expectationWords(job.plan)}\n`);
        if (!options.wait) return print(job, () => job.id);
        const ended = await followJob(client(), job.id, process.stderr);
        await showJob(context, ended);
        if (ended.state !== 'succeeded' || (await failsOn(client(), ended, options.failOn)))
          process.exitCode = 1;
      },
    );
}

function addShow(parent: Command, context: Context): void {
  parent
    .command('show <job>')
    .description('show the state and the comparison of a job')
    .option(
      '--metric <name>',
      'metric to compare: wallNs, userNs, systemNs, maxRssBytes, hostInstructions, ' +
        'guestInstructions, or one that a workload declares',
      'wallNs',
    )
    .option('--mixed-hosts', 'also compare samples of different hosts', false)
    .action(async (id: string, choice: ComparisonChoice) =>
      showJob(context, await context.client().get<Job>(await pathOf(context.client(), id)), choice),
    );
}

function addList(parent: Command, { client, print }: Context): void {
  parent
    .command('list')
    .description('list the newest jobs')
    .action(async () => {
      const { jobs } = await client().get<JobList>('/v1/jobs');
      print(jobs, () =>
        jobs
          .map(
            (job) => `${job.id}  ${job.state.padEnd(9)}  ${job.createdAt}  ${printable(job.name)}`,
          )
          .join('\n'),
      );
    });
}

function addLog(parent: Command, { client }: Context): void {
  parent
    .command('log <job>')
    .description("print a job's log")
    .option('-f, --follow', 'keep printing until the job ends', false)
    .action(async (id: string, options: { follow: boolean }) => {
      const path = await pathOf(client(), id);
      for (let after = 0; ;) {
        const page = await client().get<LogPage>(`${path}/logs?after=${after}`);
        for (const chunk of page.chunks) process.stdout.write(printable(chunk.text));
        after = page.next;
        if (page.chunks.length > 0) continue;
        if (!options.follow || page.ended) return;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    });
}

function addCancel(parent: Command, { client, print }: Context): void {
  parent
    .command('cancel <job>')
    .description('cancel a job')
    .action(async (id: string) => {
      const job = await client().post<Job>(`${await pathOf(client(), id)}/cancel`, {});
      print(job, () => (ENDED_STATES.includes(job.state) ? job.state : 'cancel requested'));
    });
}

function addExport(parent: Command, { client }: Context): void {
  parent
    .command('export <job>')
    .description("export a job's results in the format of another tool")
    .addOption(
      new Option('--format <format>', 'format').choices(EXPORT_FORMATS).makeOptionMandatory(),
    )
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .action(async (id: string, { format, output }: { format: string; output?: string }) => {
      const path = await pathOf(client(), id);
      await download(client(), `${path}/export?format=${format}`, output);
    });
}

function addReproduce(parent: Command, context: Context): void {
  parent
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
    .action(async (id: string, { from }: { from?: string }) => reproduceJob(context, id, from));
}

function addBisect(parent: Command, { client, print }: Context): void {
  parent
    .command('bisect <file>')
    .description(
      'find which of a list of sources or patches changed a metric; resumes if interrupted. Exit ' +
        'status: 0 found, 1 not found, 3 several candidates remain',
    )
    .action(async (file: string) => {
      const found = await bisectFile(client(), file, process.stderr);
      print(found, () => bisectionText(found));
      if (found.changed === null) process.exitCode = 1;
      else if (found.unclear.length > 0) process.exitCode = SEVERAL_SUSPECTS;
    });
}

const pathOf = async (client: Client, id: string): Promise<string> =>
  `/v1/jobs/${encodeURIComponent(await completeJobId(client, id))}`;
