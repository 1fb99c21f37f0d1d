// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import type { Comparison } from '#contract/comparison.js';
import { expectationWords } from '#contract/progress-words.js';
import { Client } from './client.js';
import { followJob } from './progress.js';
import { submitFile } from './submit.js';
import { comparisonText } from './table.js';
import { startService } from './up.js';

/**
 * Starts the service, runs the example job and prints its table.
 * @returns Exit status.
 */
export async function demo(
  rootDir: string,
  options: { exit: boolean; json: boolean },
): Promise<number> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const service = await startService(rootDir, process.env, say);
  let interrupted: () => void = () => undefined;
  const interrupt = new Promise<void>((resolve) => (interrupted = resolve));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted());
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
    process.stderr.write(`${job.state}: ${error?.message ?? ''}\n${rules.join('')}`);
    return 1;
  }
  const comparison = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
  if (options.json) process.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
  else process.stdout.write(`\n${job.name}\n${comparisonText(comparison)}\n`);
  process.stderr.write(`
all jobs     ${url}/
API          ${url}/docs
next steps   ./qibench --server ${url} show ${job.id}
             ./qibench --server ${url} event list 7.2 --match 'memory_region_*'
`);
  return 0;
}
