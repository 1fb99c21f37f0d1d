// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

let service: TestService;
beforeAll(async () => void (service = await startTestService()), 120_000);
afterAll(() => service.stop(), 120_000);

const qemu = { version: '7.2', target: 'x86_64-linux-user' };
const usual = {
  variants: ['none'],
  workloads: [{ name: 'matmult', parameters: { size: 60 } }],
  blocks: 6,
};

test(
  'clang is measured against gcc, each with its own flags, as two builds',
  async () => {
    const clang = ['--cc=clang', '--extra-cflags=-O3'];
    const gcc = ['--cc=gcc', '--extra-cflags=-fno-math-errno'];

    const job = await service.finish({
      ...usual,
      name: 'compilers',
      qemu: { ...qemu, configure: clang },
      baseline: { configure: gcc },
    });

    expect([job.state, job.error]).toEqual(['succeeded', null]);
    const { builds } = await service.client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
    const options = builds.map(({ side, inputs }) => [side, ...inputs.configure.slice(-2)]);
    expect(options).toEqual([
      ['head', '--cc=ccache clang', '--extra-cflags=-O3'],
      ['base', '--cc=ccache gcc', '--extra-cflags=-fno-math-errno'],
    ]);
    expect(new Set(builds.map(({ inputs }) => inputs.toolchain)).size).toBe(2);
    expect(new Set(builds.map(({ binaryDigest }) => binaryDigest)).size).toBe(2);
  },
  2 * BUILD_LIMIT_MS,
);

test(
  "an option that QEMU's configure does not know is the user's error, which names it",
  async () => {
    const job = await service.finish({
      ...usual,
      name: 'unknown option',
      qemu: { ...qemu, configure: ['--enable-no-such-feature'] },
    });

    expect(job.error).toMatchObject({ code: 'COMPILE_FAILED', kind: 'user' });
    expect(job.error!.message).toContain('--enable-no-such-feature');
  },
  BUILD_LIMIT_MS,
);
