// SPDX-License-Identifier: GPL-2.0-or-later
import { uploadFiles } from '#support/upload.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const usual = {
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  workloads: [{ name: 'port-io' }],
  blocks: 6,
};

let service: TestService;
beforeAll(async () => void (service = await startTestService()), 120_000);
afterAll(() => service.stop(), 120_000);

test.each(['dynamic', 'static'])(
  "%s code that does not compile is the user's error, with file, line and message",
  async (mode) => {
    const { digest } = await uploadFiles(service.client, [
      { path: 'instrument.c', content: '#include <qemu-instr/events.h>\nint broken(\n' },
    ]);

    const job = await service.finish({
      ...usual,
      name: 'broken',
      instrumentation: digest,
      variants: [mode],
    });

    expect(job).toMatchObject({ state: 'failed', error: { code: 'COMPILE_FAILED', kind: 'user' } });
    expect(job.error!.details[0]!.path).toMatch(/^instrument\.c:\d+$/);
  },
  BUILD_LIMIT_MS,
);

test(
  'uploaded code is compiled without network and without the compiler cache of QEMU',
  async () => {
    const makefile =
      'all libtrace-instrument.a:\n\t@echo "instrument.c:1: error: $$(ls -A /ccache | wc -l) ' +
      'cached, $$(ls /sys/class/net)"; false\n';
    const { digest } = await uploadFiles(service.client, [
      { path: 'instrument.c', content: 'int x;\n' },
      { path: 'Makefile', content: makefile },
    ]);

    const job = await service.finish({
      ...usual,
      name: 'curious',
      instrumentation: digest,
      variants: ['static'],
    });

    expect(job.error).toMatchObject({ code: 'COMPILE_FAILED', kind: 'user' });
    expect(job.error!.details).toEqual([
      { path: 'instrument.c:1', message: '0 cached, lo' },
      { path: 'Makefile:2', message: 'libtrace-instrument.a] Error 1' },
    ]);
  },
  BUILD_LIMIT_MS,
);

test(
  'a guest that does not end is stopped at its time limit, and the failure says so',
  async () => {
    const job = await service.finish({
      ...usual,
      name: 'slow',
      variants: ['none'],
      workloads: [{ name: 'port-io', parameters: { writes: 1_000_000_000 }, timeoutSeconds: 1 }],
    });

    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'RUN_TIMED_OUT', kind: 'workload' },
    });
  },
  BUILD_LIMIT_MS,
);

test(
  'an instrumentation that crashes QEMU fails the job with the signal or status',
  async () => {
    const source =
      '#include <stdlib.h>\n#include <qemu-instr/control.h>\nvoid qi_init(int argc, const ' +
      'char **argv) { abort(); }\nvoid qi_fini(void) { }\n';
    const { digest } = await uploadFiles(service.client, [
      { path: 'instrument.c', content: source },
    ]);

    const job = await service.finish({
      ...usual,
      name: 'crash',
      instrumentation: digest,
      variants: ['dynamic'],
    });

    expect(job).toMatchObject({ state: 'failed', error: { code: 'RUN_FAILED', kind: 'workload' } });
    expect(job.error!.message).toContain('signal 6');
  },
  BUILD_LIMIT_MS,
);

test('an invalid request is refused with the path of every field', async () => {
  const refusal = service.client.post('/v1/jobs', {
    ...usual,
    name: 'x',
    events: ['memory_region_ops_wrote'],
    variants: ['static'],
    workloads: [{ name: 'port-io', parameters: { writes: 0 } }],
  });

  await expect(refusal).rejects.toMatchObject({ kind: 'user' });
  const paths = await refusal.catch((error: { details: { path: string }[] }) =>
    error.details.map(({ path }) => path),
  );
  expect(paths).toEqual(expect.arrayContaining(['events.0', 'workloads.0.parameters.writes']));
});
