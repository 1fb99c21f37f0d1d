// SPDX-License-Identifier: GPL-2.0-or-later
// Shows which QEMU versions are supported: `npm run versions`, with optional versions as arguments.
// For each version it runs the conformance suite (patches apply, it builds, generated files equal
// stock), then every target: QEMU without and with instrumentation in both modes runs the target's
// workload and counts the same events.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { Client } from '#cli/client.js';
import { jobEvents } from '#cli/event-stream.js';
import type { Job } from '#contract/job.js';
import { targetKind, type Target } from '#contract/qemu.js';
import type { Sample } from '#contract/sample.js';
import { readFolder } from '#worker/build/tar.js';
import { readVersions, targetsOf } from '#worker/build/versions.js';
import { withService } from '../test/bench/service.js';
import { uploadFiles } from '#support/upload.js';

const rootDir = process.cwd();
const versions = await readVersions(rootDir);
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(versions);
const table = new Table({
  head: ['QEMU', 'patches', 'conformance', ...targetsOf(versions[chosen[0]!]!)],
  style: { head: [], border: [] },
});
let failures = 0;

/** Runs the conformance tests of one version. Returns "passed of all". */
function conformance(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-versions-'));
  const result = join(folder, 'result.json');
  spawnSync(
    'npm',
    [
      'run',
      '--silent',
      'test:conformance',
      '--',
      '--json',
      `--outputFile=${result}`,
      '-t',
      `QEMU ${version.replace('.', '\\.')} `,
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, QIBENCH_EVERY_VERSION: '1' },
    },
  );
  const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(
    readFileSync(result, 'utf8'),
  ) as { numPassedTests: number; numFailedTests: number };
  rmSync(folder, { recursive: true });
  failures += failed + (passed === 0 ? 1 : 0);
  return `${passed} of ${passed + failed}`;
}

/**
 * Tests one target: a system target boots Linux, a user target runs a program. Both modes must
 * count the same events (for a boot: any).
 */
async function target(client: Client, version: string, target: Target): Promise<string> {
  const system = targetKind(target) === 'softmmu';
  const { digest } = await uploadFiles(
    client,
    await readFolder(join(rootDir, 'qemu/examples/count')),
  );
  const job = await client.post<Job>('/v1/jobs', {
    name: `QEMU ${version} ${target}`,
    qemu: { version, target },
    instrumentation: digest,
    blocks: 6,
    variants: ['none', 'dynamic', 'static'],
    events: system ? ['memory_region_ops_write'] : ['guest_block_exec', 'guest_syscall_enter'],
    workloads: [system ? { name: 'linux-boot' } : { name: 'matmult', parameters: { size: 32 } }],
  });
  for await (const event of jobEvents(client, job.id)) void event;
  const { error } = await client.get<Job>(`/v1/jobs/${job.id}`);
  const { samples } = await client.get<{ samples: Sample[] }>(`/v1/jobs/${job.id}/samples`);
  const counts = new Set(
    samples
      .filter(({ variant }) => variant !== 'none')
      .map(({ events }) =>
        system ? Number(events?.memory_region_ops_write) > 0 : JSON.stringify(events),
      ),
  );
  if (error === null && counts.size === 1) return 'ok';
  failures += 1;
  return error === null ? 'counts differ' : error.code;
}

await withService(async (client) => {
  for (const version of chosen) {
    const entry = versions[version]!;
    const patches = readdirSync(join(rootDir, 'qemu', entry.patches)).filter((name) =>
      name.endsWith('.patch'),
    ).length;
    const cells = [version, String(patches), conformance(version)];
    for (const each of targetsOf(entry)) cells.push(await target(client, version, each));
    table.push(cells);
  }
});
process.stdout.write(`${table.toString()}\n`);
process.exit(failures === 0 ? 0 : 1);
