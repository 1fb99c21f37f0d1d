// SPDX-License-Identifier: GPL-2.0-or-later
import { stat } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { parseYaml } from '#client/job-file.js';
import { printable } from '#client/printable.js';
import { QibenchError } from '#contract/error.js';
import { JOB_LIMITS, type Job } from '#contract/job.js';
import { TARGETS, type QemuVersion, type Target } from '#contract/qemu.js';
import { QemuSource } from '#contract/source.js';
import { sourceWords } from '#contract/source-words.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { portOfTags, tagPortText, type TagPort } from '../port-tags.js';
import { followJob } from '../progress.js';
import { uploader } from '../submit.js';
import { uploadSource } from '../workload-folder.js';

interface CheckOptions {
  readonly target: Target;
  readonly qemu?: string;
  readonly patches?: string;
  readonly tags?: string;
}

/** Adds the command `port check`. */
export function portCommands(program: Command, context: Context): void {
  program
    .command('port')
    .description("qibench's patches for QEMU")
    .command('check <source>')
    .description(
      'say which series of patches applies to a source: a tar, a version of the Debian package, or ' +
        "`{ git: URL, tag: NAME }` and the like, as in a job's qemu.source",
    )
    .addOption(
      new Option('--target <target>', 'emulator')
        .choices(TARGETS)
        .default('x86_64-softmmu' satisfies Target),
    )
    .option('--qemu <version>', 'version whose series is tried first (default: the newest)')
    .option('--patches <path>', 'folder or mbox file with a series on top of the source')
    .option(
      '--tags <pattern>',
      'the source is a clone on this machine: try every tag like v10.0.*, without a service',
    )
    .action((source: string, options: CheckOptions) =>
      options.tags === undefined
        ? check(context, source, options)
        : checkTags(context, source, options.tags),
    );
}

/** Has a worker try the port, and prints the answer. Sets exit status 1 if none applies. */
async function check(context: Context, written: string, options: CheckOptions): Promise<void> {
  const client = context.client();
  const { target, patches } = options;
  const { versions } = await client.get<{ versions: QemuVersion[] }>('/v1/qemu');
  const source = await sourceOf(client, written);
  const accepted = await client.post<Job>('/v1/jobs', {
    name: `port check of ${written}`.slice(0, 200),
    qemu: {
      version: options.qemu ?? versions.at(-1)!.version,
      target,
      source,
      ...(patches === undefined
        ? {}
        : { patches: await uploader(client, '--patches')('qemu.patches', patches) }),
    },
    variants: ['none'],
    workloads: [{ name: await anyWorkload(client, target) }],
    blocks: JOB_LIMITS.blocksMinimum,
    check: 'port',
  });
  const job = await followJob(client, accepted.id, process.stderr);
  if (job.error !== null) throw new QibenchError('BAD_USAGE', { reason: job.error.message });
  const { source: pinned, port = null, portReason = '' } = job.plan.sides!.head.qemu;
  context.print({ source: pinned, port, reason: portReason }, () =>
    port === null
      ? `no port applies to ${printable(sourceWords(pinned!))}: ${printable(portReason)}`
      : `the port for QEMU ${port} applies to ${printable(sourceWords(pinned!))}`,
  );
  if (port === null) process.exitCode = 1;
}

/** Tries the port on tags of a clone. Sets exit status 1 if one has none that applies. */
function checkTags({ rootDir, json, print }: Context, clone: string, pattern: string): void {
  const tags: TagPort[] = [];
  for (const tag of portOfTags(rootDir, clone, pattern)) {
    tags.push(tag);
    if (!json()) process.stdout.write(`${printable(tagPortText(tag))}\n`);
  }
  if (json()) print(tags, () => '');
  if (tags.some(({ port }) => port === null)) process.exitCode = 1;
}

async function sourceOf(client: Client, written: string): Promise<QemuSource> {
  if (written.startsWith('{')) return parseYaml(written, 'the source', QemuSource);
  const found = await stat(written).catch(() => null);
  if (found?.isFile()) return { upload: (await uploadSource(client, written, found.size)).digest };
  const debian = { debian: written };
  if (QemuSource.safeParse(debian).success) return debian;
  throw new QibenchError('BAD_USAGE', {
    reason: `"${written}" is neither a file, nor a version of a Debian package, nor like { git: URL, tag: NAME }`,
  });
}

/** The job measures nothing, but every job has a workload. */
async function anyWorkload(client: Client, target: Target): Promise<string> {
  const { workloads } = await client.get<{ workloads: WorkloadDefinition[] }>('/v1/workloads');
  return workloads.find(({ targets }) => targets.includes(target))!.name;
}
