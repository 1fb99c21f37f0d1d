// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import { printable, printableJson } from '#client/printable.js';
import type { Comparison } from '#contract/comparison.js';
import { expectationWords } from '#contract/progress-words.js';
import type { Environment } from '#contract/settings.js';
import { Client } from './client.js';
import { aborted, interruption, Interrupted } from './interrupt.js';
import { followJob } from './progress.js';
import { submitFile } from './submit.js';
import { comparisonText } from './table.js';
import { startService, type EmbeddedService } from './up.js';

/**
 * Starts the service, runs the example job and prints its table.
 * @returns Exit status.
 */
export async function demo(
  rootDir: string,
  environment: Environment,
  options: { exit: boolean; json: boolean },
): Promise<number> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const signal = interruption();
  const interrupt = aborted(signal);
  let service: EmbeddedService;
  try {
    service = await startService(rootDir, environment, say, signal);
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    throw error;
  }
  try {
    const done = await Promise.race([run(service.url, rootDir, options), interrupt]);
    if (done === undefined) {
      say('\nstopping');
      return 130;
    }
    say(`\n${nextSteps(service.url, done.jobId, options)}`);
    if (!options.exit) await interrupt;
    return done.status;
  } finally {
    await service.stop();
  }
}

/** Returns the commands that follow: of the service that runs, or of the one to be started again. */
export function nextSteps(url: string, jobId: string, { exit }: { exit: boolean }): string {
  if (exit)
    return `The service stops; its results stay.
next steps   ./qibench up             starts it again
             ./qibench show ${jobId}`;
  return `all jobs     ${url}/
API          ${url}/docs
next steps   ./qibench --server ${url} show ${jobId}
             ./qibench --server ${url} event list 7.2 --match 'memory_region_*'

The service stays up; Ctrl-C stops it and everything that it started.`;
}

async function run(
  url: string,
  rootDir: string,
  options: { json: boolean },
): Promise<{ status: number; jobId: string }> {
  const client = new Client(url);
  const accepted = await submitFile(client, join(rootDir, 'examples/port-io.yaml'));
  process.stderr.write(`${expectationWords(accepted.plan)}\n`);
  const job = await followJob(client, accepted.id, process.stderr);
  if (job.state !== 'succeeded') {
    const { error } = job;
    const rules = (error?.details ?? []).map((rule) => `  ${rule.path}: ${rule.message}\n`);
    process.stderr.write(printable(`${job.state}: ${error?.message ?? ''}\n${rules.join('')}`));
    return { status: 1, jobId: job.id };
  }
  const comparison = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
  if (options.json) process.stdout.write(`${printableJson(comparison, 2)}\n`);
  else process.stdout.write(`\n${job.name}\n${comparisonText(comparison)}\n`);
  return { status: 0, jobId: job.id };
}
