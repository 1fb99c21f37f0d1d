// SPDX-License-Identifier: GPL-2.0-or-later
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startReceiver } from '#support/otlp-receiver.js';
import { parseExposition } from '#support/prometheus-text.js';
import { scheduleBlock } from '#domain/schedule.js';
import { eventually } from '#support/eventually.js';
import { freePort } from '#support/free-port.js';
import { BUILD_LIMIT_MS, startTestService } from '#support/user-service.js';

test(
  'a job has one trace across API and worker, is counted, and its JSON log lines carry its id',
  async () => {
    const receiver = await startReceiver();
    const metricsPort = await freePort();
    const service = await startTestService({
      QIBENCH_OTLP_URL: receiver.url,
      QIBENCH_METRICS_PORT: String(metricsPort),
    });
    let families: ReturnType<typeof parseExposition>;
    let job: Awaited<ReturnType<typeof service.finish>>;
    let log: string;
    const value = (name: string) => families.get(name)!.samples[0]!.value;
    try {
      job = await service.finish({
        name: 'told',
        qemu: { version: '7.2', target: 'x86_64-softmmu' },
        events: ['memory_region_ops_write'],
        variants: ['none', 'idle'],
        workloads: [{ name: 'port-io', parameters: { writes: 1000 } }],
        blocks: 6,
      });
      // The worker frees its lease after it has reported the end.
      await eventually(async () => {
        families = parseExposition(
          await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
        );
        expect(value('qibench_worker_jobs_leased')).toBe(0);
      });
      const file = join(service.dataDir, 'worker.log');
      log = existsSync(file) ? readFileSync(file, 'utf8') : '';
    } finally {
      await service.stop(); // flushes the remaining spans
      await receiver.close();
    }

    expect(job.state).toBe('succeeded');
    const accepted = receiver.spans.find(({ name }) => name === 'accept job')!;
    const spans = receiver.spans.filter(({ traceId }) => traceId === accepted.traceId);
    const run = spans.find(({ name }) => name === 'RUN')!;
    expect(run).toMatchObject({
      service: 'qibench-worker',
      parentSpanId: accepted.spanId,
      attributes: { 'cicd.pipeline.run.id': job.id, 'cicd.pipeline.result': 'success' },
    });
    const runs = [0, 1, 2, 3, 4, 5, 6].flatMap((block) => scheduleBlock(job.plan, block)).length;
    const count = (name: string) => spans.filter((span) => span.name === name).length;
    expect([
      count('queue'),
      count('claim'),
      count('block'),
      count('sample'),
      count('ingest'),
    ]).toEqual([1, 1, 7, runs, 7]);
    expect(
      spans
        .filter(({ name }) => name === 'build')
        .every(({ parentSpanId }) => parentSpanId === run.spanId),
    ).toBe(true);
    expect(count('build')).toBe(2);

    expect([value('qibench_blocks_total'), value('qibench_samples_total')]).toEqual([7, runs]);
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const messages = lines.filter(({ jobId }) => jobId === job.id).map(({ msg }) => msg);
    expect(messages.filter((msg) => msg === 'job claimed' || msg === 'job measured')).toEqual([
      'job claimed',
      'job measured',
    ]);
  },
  BUILD_LIMIT_MS,
);
