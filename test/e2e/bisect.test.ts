// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BisectState } from '#contract/bisect.js';
import type { JobList } from '#contract/job.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

/**
 * Share of time that each candidate's callbacks burn, in thousandths: the third candidate changed
 * it.
 */
const CANDIDATES = { monday: 0, tuesday: 1, wednesday: 4000, thursday: 4001 };

const folder = mkdtempSync(join(tmpdir(), 'qibench-bisect-'));
const file = join(folder, 'bisect.yaml');
let service: TestService;
beforeAll(async () => {
  service = await startTestService();
  for (const [name, permille] of Object.entries(CANDIDATES)) {
    cpSync('qemu/test/burn', join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'burn.h'), `#define BURN_PERMILLE ${permille}\n`);
  }
  writeFileSync(
    file,
    JSON.stringify({
      job: {
        name: 'bisect',
        qemu: { version: '7.2', target: 'x86_64-softmmu' },
        events: ['memory_region_ops_write'],
        variants: ['dynamic'],
        workloads: [{ name: 'port-io', parameters: { writes: 500_000 } }],
        measure: { threshold: 1 },
      },
      variant: 'dynamic',
      workload: 'port-io writes=500000',
      candidates: Object.keys(CANDIDATES).map((name) => ({ name, instrumentation: name })),
    }),
  );
}, 120_000);
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
}, 120_000);

test(
  'a bisection finds the instrumentation that became slower, and resumes after it was killed',
  async () => {
    const command = [
      'dist/services/cli/main.js',
      '--server',
      service.client.server,
      '--json',
      'job',
      'bisect',
      file,
    ];
    const killed = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    killed.stderr.on('data', (chunk: Buffer) => {
      if (/tuesday: does it differ/.test((output += chunk.toString()))) killed.kill('SIGKILL');
    });
    const ended = await once(killed, 'exit');
    expect({ ended, output }).toMatchObject({ ended: [null, 'SIGKILL'] });
    const { stdout } = await promisify(execFile)(process.execPath, command);

    expect(JSON.parse(stdout)).toMatchObject({ same: 1, changed: 2, unclear: [] });
    const { trials } = JSON.parse(readFileSync(`${file}.state.json`, 'utf8')) as BisectState;
    expect(new Set(trials.map(({ candidate }) => candidate))).toEqual(new Set([3, 1, 2]));
    const { jobs } = await service.client.get<JobList>('/v1/jobs');
    expect(jobs.map(({ id }) => id).sort()).toEqual(trials.map(({ jobId }) => jobId).sort());
  },
  BUILD_LIMIT_MS,
);
