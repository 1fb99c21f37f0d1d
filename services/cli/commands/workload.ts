// SPDX-License-Identifier: GPL-2.0-or-later
import { Option, type Command } from 'commander';
import { QibenchError } from '#contract/error.js';
import { JOB_LIMITS, type Job } from '#contract/job.js';
import { TARGETS, type QemuVersion, type Target } from '#contract/qemu.js';
import type { SampleList } from '#contract/sample.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { followJob } from '../progress.js';
import { checkWorkload, findingsText } from '../workload-check.js';
import { readDefinition, uploadWorkload } from '../workload-folder.js';

interface CheckOptions {
  readonly target?: Target;
  readonly qemu?: string;
}

/** Adds the commands `workload list` and `workload check`. */
export function workloadCommands(program: Command, context: Context): void {
  const { client, print } = context;
  const workload = program.command('workload').description('guest workloads');
  workload
    .command('list')
    .description('list the workloads that jobs can name')
    .action(async () => {
      const { workloads } = await client().get<{ workloads: WorkloadDefinition[] }>(
        '/v1/workloads',
      );
      print(workloads, () =>
        workloads
          .map(
            ({ name, summary, targets, parameters }) =>
              `${name.padEnd(12)} ${summary} (${targets.join(', ')}) ${Object.keys(parameters).join(', ')}`,
          )
          .join('\n'),
      );
    });
  workload
    .command('check <folder>')
    .description(
      'upload the workload of a folder, run it on plain QEMU, and say what its workload.yaml lacks',
    )
    .addOption(
      new Option('--target <target>', 'emulator to run it on (default: its first one)').choices(
        TARGETS,
      ),
    )
    .option('--qemu <version>', 'QEMU version (default: the newest that has the target)')
    .action(async (folder: string, options: CheckOptions) => check(context, folder, options));
}

/** Runs a workload, and prints what is missing. Sets exit status 1 if something is. */
async function check(context: Context, folder: string, options: CheckOptions): Promise<void> {
  const client = context.client();
  const definition = await readDefinition(folder);
  const target = options.target ?? definition.targets[0]!;
  const version = options.qemu ?? (await newestWith(client, target));
  const { digest } = await uploadWorkload(client, folder, 'workloads.0.from');
  const accepted = await client.post<Job>('/v1/jobs', {
    name: `check of the workload ${definition.name}`,
    qemu: { version, target },
    variants: ['none'],
    workloads: [{ from: digest }],
    blocks: JOB_LIMITS.blocksMinimum,
  });
  const job = await followJob(client, accepted.id, process.stderr);
  const { samples } =
    job.state === 'succeeded'
      ? await client.get<SampleList>(`/v1/jobs/${job.id}/samples`)
      : { samples: [] };
  const runs = samples.filter(({ block, size }) => block >= 1 && size === 'full');
  const findings = checkWorkload(definition, job, runs);
  context.print({ job, digest, findings }, () => `${job.id}  ${digest}\n${findingsText(findings)}`);
  if (findings.some(({ state }) => state === 'missing')) process.exitCode = 1;
}

/** @throws {BAD_USAGE} No version has the target. */
async function newestWith(client: Client, target: Target): Promise<string> {
  const { versions } = await client.get<{ versions: QemuVersion[] }>('/v1/qemu');
  const newest = versions.findLast(({ targets }) => targets.includes(target));
  if (newest === undefined)
    throw new QibenchError('BAD_USAGE', { reason: `no QEMU version has the target ${target}` });
  return newest.version;
}
