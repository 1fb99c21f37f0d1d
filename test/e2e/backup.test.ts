// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '#contract/job.js';
import { jobEvents } from '#cli/event-stream.js';
import { BUILD_LIMIT_MS, startTestService } from '#support/user-service.js';

const request = {
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  variants: ['none'],
  workloads: [{ name: 'port-io', parameters: { writes: 200 } }],
  blocks: 6,
};
const qibench = (home: string, ...command: string[]) =>
  JSON.parse(
    execFileSync(process.execPath, ['dist/services/cli/main.js', '--json', ...command], {
      encoding: 'utf8',
      env: { ...process.env, QIBENCH_HOME: home },
    }),
  ) as { tables: { table: string; rows: number }[] };

test(
  'a service restored from a backup has all results, and continues running and waiting jobs',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qibench-backup-'));
    chmodSync(folder, 0o755); // the server's user needs access
    const file = join(folder, 'backup');
    const before = await startTestService();
    let running: Job;
    let waiting: Job;
    let done: Job;
    try {
      done = await before.finish({ ...request, name: 'done' });
      let written: { tables: { table: string; rows: number }[] } | undefined;
      running = await before.client.post<Job>('/v1/jobs', { ...request, name: 'running' });
      waiting = await before.client.post<Job>('/v1/jobs', { ...request, name: 'waiting' });
      for await (const { body } of jobEvents(before.client, running.id)) {
        if (written === undefined && body.type === 'block' && body.block >= 2)
          written = qibench(before.dataDir, 'database', 'backup', file);
      }
      expect(written!.tables.find(({ table }) => table === 'job')!.rows).toBe(3);
    } finally {
      await before.stop();
    }

    const home = join(folder, 'home');
    qibench(home, 'database', 'restore', file);
    const after = await startTestService({ QIBENCH_HOME: home });
    try {
      expect(await after.client.get<Job>(`/v1/jobs/${done.id}`)).toEqual(done);
      for (const { id } of [running, waiting]) {
        for await (const _ of jobEvents(after.client, id));
        expect(await after.client.get<Job>(`/v1/jobs/${id}`)).toMatchObject({
          state: 'succeeded',
          blocksDone: 6,
        });
      }
    } finally {
      await after.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  BUILD_LIMIT_MS,
);
