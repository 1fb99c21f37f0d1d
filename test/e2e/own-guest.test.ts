// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import type { SampleList } from '#contract/sample.js';
import type { Finding } from '#cli/workload-check.js';
import { definitionText, uploadGuest } from '#support/guest-folder.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const GUEST = 'test/guests/port-count';

let service: TestService;
const folder = mkdtempSync(join(tmpdir(), 'qibench-own-guest-'));
beforeAll(async () => {
  service = await startTestService();
}, 240_000);
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
}, 120_000);

/** Runs the command. Returns its JSON and exit status. */
async function qibench<T>(...words: string[]): Promise<{ answer: T; status: number }> {
  const command = ['dist/services/cli/main.js', '--json', ...words];
  const environment = { ...process.env, QIBENCH_SERVER: service.client.server };
  return promisify(execFile)(process.execPath, command, { env: environment }).then(
    ({ stdout }) => ({ answer: JSON.parse(stdout) as T, status: 0 }),
    (failed: { stdout: string; stderr: string; code: number }) => {
      if (failed.stdout === '') throw new Error(failed.stderr);
      return { answer: JSON.parse(failed.stdout) as T, status: failed.code };
    },
  );
}

const x86 = (from: string, more: object = {}) => ({
  name: 'own guest',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  variants: ['none'],
  workloads: [{ from }],
  blocks: 6,
  ...more,
});

test(
  'a guest of sources is compiled, counted and compared, from a job file that names its folder',
  async () => {
    const file = join(folder, 'job.yaml');
    cpSync(GUEST, join(folder, 'guest'), { recursive: true });
    writeFileSync(
      file,
      `name: own guest
qemu: { version: "7.2", target: x86_64-softmmu }
events: [memory_region_ops_write]
instrumentation: ${join(process.cwd(), 'qemu/examples/count')}
variants: [none, dynamic]
workloads: [{ from: ./guest, parameters: { rounds: 3000, port: 130 } }]
blocks: 6
`,
    );

    const { answer, status } = await qibench<{ job: Job; comparison: Comparison }>(
      'submit',
      file,
      '--wait',
    );

    expect(status).toBe(0);
    expect(answer.job).toMatchObject({ state: 'succeeded', error: null });
    expect(answer.job.plan.workloads[0]).toMatchObject({
      label: 'port-count port=130 rounds=3000',
      uploaded: { method: 'make' },
    });
    const { samples } = await service.client.get<SampleList>(`/v1/jobs/${answer.job.id}/samples`);
    const counts = samples
      .filter(({ variant, size }) => variant === 'dynamic' && size === 'full')
      .map(({ events }) => events?.memory_region_ops_write);
    expect(new Set(counts)).toEqual(new Set(['3001']));
  },
  BUILD_LIMIT_MS,
);

test(
  'the command says what a workload lacks',
  async () => {
    const { answer, status } = await qibench<{ job: Job; findings: Finding[] }>(
      'workload',
      'check',
      GUEST,
      '--qemu',
      '7.2',
    );

    expect(answer.job.state).toBe('succeeded');
    expect(answer.findings.map(({ about, state }) => [about, state])).toContainEqual([
      'exit status',
      'good',
    ]);
    // It proves its work by an exit status that a panic does not have, and prints no metric.
    expect(answer.findings).toContainEqual({
      about: 'metric',
      state: 'missing',
      text: expect.stringContaining('run.requiredMetrics is empty') as string,
    });
    expect(status).toBe(1);
  },
  BUILD_LIMIT_MS,
);

test(
  'a program is run as it is, and its wrong exit status is named',
  async () => {
    const wrong = `name: wrong-end
summary: ends with another status
targets: [x86_64-linux-user]
run: { arguments: [/workload/bin/true], exitStatus: 3, timeoutSeconds: 5 }
`;
    const { digest } = await uploadGuest(service.client, {
      'workload.yaml': wrong,
      Makefile:
        'all:\n\tmkdir -p bin\n\tprintf "int main(void) { return 0; }" > true.c\n\t$(CC) -static -o bin/true true.c\n',
    });

    const job = await service.finish(
      x86(digest, { qemu: { version: '7.2', target: 'x86_64-linux-user' } }),
    );

    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'RUN_FAILED', kind: 'workload' },
    });
    expect(job.error!.message).toContain('exit status 0 (expected exit status 3)');
  },
  BUILD_LIMIT_MS,
);

test.each<[string, string, string]>([
  ['reaches the network', 'all:\n\texec 3<>/dev/tcp/deb.debian.org/80\n', 'COMPILE_FAILED'],
  ['sees another folder of the host', 'all:\n\ttest -e /var/run/docker.sock\n', 'COMPILE_FAILED'],
  [
    'fills the disk',
    'all:\n\thead -c 20G /dev/zero > big || true\n\tdd if=/dev/zero of=more bs=1M count=8192\n',
    'OVER_LIMIT|COMPILE_FAILED|TOO_LARGE',
  ],
  ['removes its folder', 'all:\n\trm -rf /qemu/workload\n', 'WORKLOAD_BUILD_FAILED'],
  [
    'replaces its folder by a link',
    'all:\n\trm -rf /qemu/workload; ln -s /etc /qemu/workload\n',
    'RUN_FAILED',
  ],
  [
    'leaves pipes and links to devices',
    'all:\n\tmkfifo pipe; ln -s /dev/zero zero\n',
    'RUN_FAILED',
  ],
])(
  'a Makefile that %s fails its own job only',
  async (_, makefile, codes) => {
    const { digest } = await uploadGuest(service.client, {
      'workload.yaml': definitionText('hostile'),
      Makefile: `SHELL = /bin/bash\n${makefile}`,
    });

    const job = await service.finish(x86(digest));

    expect(job.state).toBe('failed');
    expect(job.error!.code).toMatch(new RegExp(`^(?:${codes})$`));
    expect(job.error!.kind).not.toBe('infra');
  },
  BUILD_LIMIT_MS,
);

test(
  'a Dockerfile, also one of a single line, gives its folder /workload',
  async () => {
    const text = `name: from-image
summary: a program in an image
targets: [x86_64-linux-user]
run: { arguments: [/workload/true], exitStatus: 0, timeoutSeconds: 5 }
`;
    const { digest } = await uploadGuest(service.client, {
      'workload.yaml': text,
      Dockerfile: 'ARG BASE\nFROM ${BASE}\nRUN mkdir /workload && cp -L /bin/true /workload/true\n',
    });

    const job = await service.finish(
      x86(digest, { qemu: { version: '7.2', target: 'x86_64-linux-user' } }),
    );

    // The program is linked dynamically, with the libraries of the runner's image.
    expect(job.plan.workloads[0]!.uploaded!.method).toBe('image');
    expect(job).toMatchObject({ state: 'succeeded' });
  },
  BUILD_LIMIT_MS,
);

test(
  'a region of interest is measured beside the whole run',
  async () => {
    const text = `name: with-region
summary: sleeps, works and sleeps
targets: [x86_64-linux-user]
run:
  arguments: [/workload/guest]
  exitStatus: 0
  timeoutSeconds: 20
  region: { begin: "QIBENCH begin", end: "QIBENCH end" }
`;
    const { digest } = await uploadGuest(service.client, {
      'workload.yaml': text,
      'guest.c': `#include <stdio.h>
#include <unistd.h>
int main(void)
{
    volatile unsigned sum = 0;
    usleep(200000);
    puts("QIBENCH begin"), fflush(stdout);
    for (unsigned i = 0; i < 20000000; i++) sum += i;
    puts("QIBENCH end"), fflush(stdout);
    usleep(200000);
    return 0;
}
`,
      Makefile: 'guest: guest.c\n\t$(CC) -O1 -static -o $@ $<\n',
    });

    const job = await service.finish(
      x86(digest, { qemu: { version: '7.2', target: 'x86_64-linux-user' } }),
    );

    expect(job).toMatchObject({ state: 'succeeded', error: null });
    const { samples } = await service.client.get<SampleList>(`/v1/jobs/${job.id}/samples`);
    for (const { wallNs, metrics } of samples) {
      const value = metrics.find(({ name }) => name === 'region.wallNs')!.value;
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(Number(wallNs) - 400e6);
    }
  },
  BUILD_LIMIT_MS,
);
