// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { Comparison } from '#contract/comparison.js';
import { uploadFiles } from '#support/upload.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const qemu = { version: '7.2', target: 'x86_64-linux-user' };
const usual = {
  qemu,
  variants: ['none'],
  workloads: [{ name: 'matmult', parameters: { size: 60 } }],
  blocks: 12,
};

const inMain = (lines: string) => `Fifty milliseconds more at the start of every program.
---
--- a/linux-user/main.c
+++ b/linux-user/main.c
@@ -681,4 +681,5 @@
     bool preserve_argv0 = 0;
 
     error_init(argv[0]);
${lines}
     module_call_init(MODULE_INIT_TRACE);
`;
/** Removes a line that one of our patches needs. */
const HEADER = `--- a/linux-user/main.c
+++ b/linux-user/main.c
@@ -46,4 +46,4 @@
 #include "qemu/guest-random.h"
 #include "elf.h"
-#include "trace/control.h"
+#include "trace/../trace/control.h"
 #include "target_elf.h"
`;

let service: TestService;
beforeAll(async () => void (service = await startTestService()), 120_000);
afterAll(() => service.stop(), 120_000);

const series = async (...files: { path: string; content: string }[]) => ({
  ...qemu,
  patches: (await uploadFiles(service.client, files)).digest,
});

test(
  "a patch that does not apply is the user's error, and the message names the file",
  async () => {
    const patches = await series(
      { path: '0001-good.patch', content: inMain('+    g_usleep(50000);') },
      {
        path: '0002-bad.patch',
        content: inMain('+    g_usleep(1);').replace('error_init', 'error_exit'),
      },
    );

    const job = await service.finish({ ...usual, name: 'bad patch', qemu: patches });

    expect(job).toMatchObject({
      state: 'failed',
      error: {
        code: 'PATCH_FAILED',
        kind: 'user',
        message: expect.stringContaining(
          'patch 0002-bad.patch does not apply to QEMU 7.2: linux-user/main.c: Hunk #1 FAILED',
        ),
      },
    });
  },
  BUILD_LIMIT_MS,
);

test(
  "a patch that removes lines which a qibench patch needs fails with that patch's name and file",
  async () => {
    const patches = await series({ path: '0001-header.patch', content: HEADER });

    const job = await service.finish({ ...usual, name: 'conflict', qemu: patches });

    expect(job.error).toMatchObject({ code: 'PATCH_CONFLICT', kind: 'user' });
    expect(job.error!.message).toContain(
      "patch 0001-header.patch changes linux-user/main.c, which qibench's patch " +
        '0005-user-instr-option.patch changes too',
    );
  },
  BUILD_LIMIT_MS,
);

test(
  'a patch cannot write outside the source',
  async () => {
    const patches = await series({
      path: '0001-out.patch',
      content: '--- /dev/null\n+++ b/../../../tmp/out\n@@ -0,0 +1 @@\n+x\n',
    });

    expect(
      (await service.finish({ ...usual, name: 'outside', qemu: patches })).error,
    ).toMatchObject({ code: 'PATCH_FAILED', kind: 'user' });
  },
  BUILD_LIMIT_MS,
);

test(
  'a patch series that slows QEMU down is a confirmed regression against the source without it',
  async () => {
    const patches = await series({
      path: '0001-slow.patch',
      content: inMain('+    g_usleep(50000);'),
    });

    const job = await service.finish({
      ...usual,
      name: 'pull request',
      qemu: patches,
      baseline: { patches: null },
    });

    expect(job).toMatchObject({ state: 'succeeded', error: null, blocksDone: 24 });
    const comparison = await service.client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
    expect(comparison.sides).toMatchObject([
      { variant: 'none', verdict: 'regression', confirmation: { verdict: 'regression' } },
    ]);
    const { builds } = await service.client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
    expect(new Set(builds.map(({ inputs }) => inputs.source)).size).toBe(2);
    expect(new Set(builds.map(({ binaryDigest }) => binaryDigest)).size).toBe(2);
  },
  BUILD_LIMIT_MS,
);
