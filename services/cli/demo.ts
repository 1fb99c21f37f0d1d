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
    if (!options.exit) {
      say('\nThe service stays up; Ctrl-C stops it and everything that it started.');
      await interrupt;
    }
    return done;
  } finally {
    await service.stop();
  }
}

async function run(url: string, rootDir: string, options: { json: boolean }): Promise<number> {
  const client = new Client(url);
  const accepted = await submitFile(client, join(rootDir, 'examples/port-io.yaml'));
  process.stderr.write(`${expectationWords(accepted.plan)}\n`);
  const job = await followJob(client, accepted.id, process.stderr);
  if (job.state !== 'succeeded') {
    const { error } = job;
    const rules = (error?.details ?? []).map((rule) => `  ${rule.path}: ${rule.message}\n`);
    process.stderr.write(printable(`${job.state}: ${error?.message ?? ''}\n${rules.join('')}`));
    return 1;
  }
  const comparison = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
  if (options.json) process.stdout.write(`${printableJson(comparison, 2)}\n`);
  else process.stdout.write(`\n${job.name}\n${comparisonText(comparison)}\n`);
  process.stderr.write(`
all jobs     ${url}/
API          ${url}/docs
next steps   ./qibench --server ${url} show ${job.id}
             ./qibench --server ${url} event list 7.2 --match 'memory_region_*'
`);
  return 0;
}
