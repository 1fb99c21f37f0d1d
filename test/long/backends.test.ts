// SPDX-License-Identifier: GPL-2.0-or-later
import type { LogPage } from '#contract/job-event.js';
import type { Sample } from '#contract/sample.js';
import type { WorkerList } from '#contract/worker.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ QIBENCH_RECORDERS: 'dtrace' });
}, 120_000);
afterAll(() => service.stop(), 120_000);

const WRITES = 50_000;
/** The guest's last write ends it. */
const EVENTS = WRITES + 1;
const jobOf = (variants: object[]) => ({
  name: 'backends',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  variants,
  workloads: [{ name: 'port-io', parameters: { writes: WRITES } }],
  blocks: 6,
});
const backend = (name: string, more: object = {}) => ({ mode: 'backend', backend: name, ...more });

/** Returns the metrics of a variant's measured runs with all of the work. */
async function metricsOf(jobId: string, variant: string): Promise<Record<string, number>[]> {
  const { samples } = await service.client.get<{ samples: Sample[] }>(`/v1/jobs/${jobId}/samples`);
  return samples
    .filter(({ size, block, variant: name }) => size === 'full' && block > 0 && name === variant)
    .map(({ metrics }) =>
      Object.fromEntries(
        metrics
          .filter(({ name }) => name.startsWith('trace.'))
          .map(({ name, value }) => [name, value]),
      ),
    );
}

test(
  'a job measures LTTng with a session and without one, and probes without a tracer',
  async () => {
    const job = await service.finish(
      jobOf([
        backend('ust'),
        backend('ust', { record: false }),
        backend('dtrace', { record: false }),
        { mode: 'none' },
      ]),
    );

    expect(job.error).toBeNull();
    const recorded = await metricsOf(job.id, 'backend-ust');
    expect(recorded).toHaveLength(6);
    for (const metrics of recorded) {
      expect(metrics['trace.recorded']! + metrics['trace.lost']!).toBe(EVENTS);
      expect(metrics['trace.recorded']).toBeGreaterThan(0);
    }
    for (const idle of ['backend-ust-idle', 'backend-dtrace-idle'])
      expect(await metricsOf(job.id, idle)).toEqual([{}, {}, {}, {}, {}, {}]);
    // Containers of LTTng are used again.
    const { chunks } = await service.client.get<LogPage>(`/v1/jobs/${job.id}/logs`);
    expect(chunks.filter(({ text }) => text.includes('left behind'))).toEqual([]);
  },
  BUILD_LIMIT_MS,
);

test(
  'bpftrace counts every event where the host allows it, else the job is refused with the reason',
  async () => {
    const { workers } = await service.client.get<WorkerList>('/v1/workers');
    const { available, reason } = workers[0]!.capabilities.find(({ name }) => name === 'dtrace')!;
    const request = jobOf([backend('dtrace'), { mode: 'none' }]);
    if (!available) {
      await expect(service.client.post('/v1/jobs', request)).rejects.toMatchObject({
        code: 'RECORDING_REFUSED',
        message: expect.stringContaining(reason!) as string,
      });
      return;
    }
    const job = await service.finish(request);

    expect(job.error).toBeNull();
    expect(await metricsOf(job.id, 'backend-dtrace')).toEqual(
      Array(6).fill({ 'trace.recorded': EVENTS }),
    );
  },
  BUILD_LIMIT_MS,
);

test('a backend that the operator has not opened is refused before anything is built', async () => {
  for (const name of ['ftrace', 'syslog'])
    await expect(service.client.post('/v1/jobs', jobOf([backend(name)]))).rejects.toMatchObject({
      code: 'RECORDING_REFUSED',
      message: expect.stringContaining(
        `variants.0.backend: no worker can run QEMU's backend "${name}": `,
      ) as string,
    });
});
