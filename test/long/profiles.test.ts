// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExplanationList } from '#contract/explanation.js';
import type { Job } from '#contract/job.js';
import type { Profile, ProfileList } from '#contract/profile.js';
import { readFolder } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const execute = promisify(execFile);
const lockFolder = mkdtempSync(join(tmpdir(), 'qibench-e2e-lock-'));
let service: TestService;
let instrumentation: string;
beforeAll(async () => {
  process.env.QIBENCH_LOCK_DIR = lockFolder;
  service = await startTestService();
  ({ digest: instrumentation } = await uploadFiles(
    service.client,
    await readFolder('qemu/examples/count'),
  ));
}, 120_000);
afterAll(async () => {
  await service.stop();
  rmSync(lockFolder, { recursive: true });
}, 120_000);

const runOf = (variant: string, workload: string) =>
  new URLSearchParams({ variant, workload }).toString();

describe('a user-mode job with profiles', () => {
  let job: Job;
  let workload: string;
  beforeAll(async () => {
    job = await service.finish({
      name: 'profiles',
      qemu: { version: '7.2', target: 'x86_64-linux-user' },
      events: ['guest_mem_access'],
      instrumentation,
      variants: ['none', 'dynamic', 'static'],
      workloads: [{ name: 'matmult', parameters: { size: 48 } }],
      blocks: 6,
      profile: true,
    });
    workload = job.plan.workloads[0]!.label;
  }, BUILD_LIMIT_MS);

  test('has the parts of every variant, which add up', async () => {
    expect(job).toMatchObject({ state: 'succeeded', error: null });
    const { profiles } = await service.client.get<ProfileList>(`/v1/jobs/${job.id}/profiles`);

    expect(profiles.map(({ variant }) => variant)).toEqual(['dynamic', 'none', 'static']);
    for (const { split, total } of profiles)
      expect(split.reduce((sum, { self }) => sum + self, 0)).toBe(total);
    const partsOf = (name: string) =>
      Object.fromEntries(
        profiles
          .find(({ variant }) => variant === name)!
          .split.map(({ part, self }) => [part, self]),
      );
    for (const name of ['dynamic', 'static'])
      expect(partsOf(name).instrumentation).toBeGreaterThan(48 ** 3);
    // QEMU's plugin core asks whether there are plugins.
    expect(partsOf('none').instrumentation).toBeLessThan(48 ** 3 / 100);
    for (const name of ['none', 'dynamic', 'static'])
      expect(partsOf(name)['translated-code']).toBeGreaterThan(48 ** 3);
  });

  test("adds up to callgrind's own total, and names functions with lines", async () => {
    const run = runOf('dynamic', workload);
    const profile = await service.client.get<Profile>(`/v1/jobs/${job.id}/profile?${run}`);
    const file = await (
      await service.client.open(`/v1/jobs/${job.id}/profile/export?${run}`)
    ).text();

    // Shares of functions are rounded.
    const summary = Number(/^(?:summary|totals): (\d+)$/m.exec(file)![1]);
    expect(Math.abs(profile.total / summary - 1)).toBeLessThan(1e-4);
    const callback = profile.functions.find(({ name }) => name === 'qi_event_guest_mem_access')!;
    expect(callback).toMatchObject({
      object: 'libtrace-instrument.so',
      part: 'instrumentation',
    });
    expect(callback.lines.length).toBeGreaterThan(0);
  });

  test('explains the cost of a variant by its callback', async () => {
    const { explanations } = await service.client.get<ExplanationList>(`/v1/jobs/${job.id}/why`);

    expect(explanations.map(({ variant, reference }) => [variant, reference])).toEqual([
      ['dynamic', 'none'],
      ['static', 'none'],
    ]);
    for (const { causes } of explanations) expect(causes.length).toBeGreaterThan(0);
    const { stdout } = await execute(process.execPath, [
      'dist/services/cli/main.js',
      '--server',
      service.client.server,
      'why',
      job.id,
    ]);
    expect(stdout).toContain('dynamic over none with');
    expect(stdout).toContain('callbacks of the instrumentation');
  });
});
