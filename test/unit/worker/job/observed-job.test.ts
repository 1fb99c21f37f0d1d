// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { Job } from '#contract/job.js';
import type { TraceSource } from '#domain/trace/trace-reader.js';
import { openLog } from '#telemetry/log.js';
import { Registry } from '#telemetry/metrics.js';
import { openSpans } from '#telemetry/spans.js';
import type { NewSample, Results } from '#worker/job/job-context.js';
import type { Progress } from '#worker/job/progress.js';
import { observeJob } from '#worker/job/observed-job.js';
import { workerMetrics } from '#worker/telemetry/worker-metrics.js';
import { startReceiver } from '#support/otlp-receiver.js';
import { parseExposition } from '#support/prometheus-text.js';

const PARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const HOSTILE = 'evil"}\n{job="1"} 7';
const job = {
  id: '1',
  name: HOSTILE,
  epoch: 1,
  createdAt: new Date().toISOString(),
  request: { qemu: { version: '7.2', target: 'x86_64-softmmu' } },
} as Job;
const inner = {
  started: () => undefined,
  finished: () => undefined,
  advanced: () => undefined,
  log: () => undefined,
  truncated: () => undefined,
} satisfies Progress;
const sample = {
  kind: 'timed',
  variant: HOSTILE,
  side: 'head',
  workload: HOSTILE,
  startedAt: new Date().toISOString(),
} as NewSample;
const TRACE = {} as TraceSource;

async function observe(
  work: (observed: ReturnType<typeof observeJob>, results: Results) => Promise<void>,
) {
  const receiver = await startReceiver();
  const metrics = new Registry();
  const lines: string[] = [];
  const spans = await openSpans(receiver.url, { 'service.name': 'worker' });
  const observed = observeJob(
    {
      log: openLog('info', {}, (line) => void lines.push(line)),
      metrics,
      spans,
      counts: workerMetrics(metrics),
      worker: 'w',
    },
    job,
    PARENT,
    new Date(),
  );
  const results = observed.results({
    traced: async () => undefined,
    block: async () => undefined,
  } as unknown as Results);
  await work(observed, results);
  await spans.close();
  await receiver.close();
  return {
    spans: receiver.spans,
    families: parseExposition(await metrics.metrics()),
    lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

test(
  "a job is one trace: queue, claim, steps, blocks, samples and ingest, under its request's " +
    'span',
  async () => {
    const { spans, families, lines } = await observe(async (observed, results) => {
      const progress = observed.progress(inner);
      progress.started('build', HOSTILE);
      progress.finished('build', HOSTILE, { durationMs: 1500, cached: true, key: 'k' });
      await results.traced(sample, TRACE);
      observed.traced({ records: 10, stored: 7, dropped: 2 });
      await results.block('timed', 1, [sample, sample]);
      await results.block('instructions', 0, [{ ...sample, kind: 'instructions' }]);
      observed.ended(null);
    });

    const by = (name: string) => spans.find((span) => span.name === name)!;
    const run = by('RUN');
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(['a'.repeat(32)]));
    for (const name of ['queue', 'RUN']) expect(by(name).parentSpanId).toBe('b'.repeat(16));
    for (const name of ['claim', 'build', 'block']) expect(by(name).parentSpanId).toBe(run.spanId);
    const [timed, counting] = spans
      .filter(({ name }) => name === 'block')
      .map(({ spanId }) => spanId);
    const parentsOf = (name: string) =>
      spans.filter((span) => span.name === name).map(({ parentSpanId }) => parentSpanId);
    expect(parentsOf('sample').sort()).toEqual([timed, timed, timed, counting].sort());
    expect(parentsOf('ingest').sort()).toEqual([timed, timed, counting].sort());
    expect(run.attributes).toMatchObject({
      'cicd.pipeline.run.id': '1',
      'cicd.pipeline.result': 'success',
      'cicd.worker.id': 'w',
    });
    expect(by('build').attributes).toMatchObject({
      'cicd.pipeline.task.name': 'build',
      'cicd.pipeline.task.type': 'build',
      'qibench.cached': true,
    });

    const value = (family: string, labels: object, name = family) =>
      families
        .get(family)!
        .samples.find(
          (metric) =>
            metric.name === name && JSON.stringify(metric.labels) === JSON.stringify(labels),
        )?.value;
    expect(
      value(
        'qibench_step_duration_seconds',
        { step: 'build', cached: 'true' },
        'qibench_step_duration_seconds_sum',
      ),
    ).toBe(1.5);
    expect(value('qibench_cache_lookups_total', { step: 'build', outcome: 'hit' })).toBe(1);
    expect(value('qibench_samples_total', { kind: 'timed' })).toBe(3);
    expect(value('qibench_samples_total', { kind: 'instructions' })).toBe(1);
    expect(value('qibench_blocks_total', {})).toBe(1);
    expect(
      ['stored', 'beyond-quota', 'dropped'].map((outcome) =>
        value('qibench_trace_records_total', { outcome }),
      ),
    ).toEqual([7, 3, 2]);
    expect(value('qibench_worker_jobs_leased', {})).toBe(0);
    expect(JSON.stringify([...families])).not.toContain('evil');
    expect(lines.map(({ msg }) => msg)).toEqual(['job claimed', 'step finished', 'job measured']);
    expect(lines.every(({ jobId, epoch }) => jobId === '1' && epoch === 1)).toBe(true);
  },
);

test.each([
  ['CANCELLED', 'cancellation'],
  ['LEASE_LOST', 'error'],
  ['INVALID_REQUEST', 'failure'],
] as const)('a job that ends with %s closes its open spans as %s', async (code, result) => {
  const { spans, families, lines } = await observe(async (observed, results) => {
    observed.progress(inner).started('tree', 'x');
    await results.traced(sample, TRACE);
    observed.ended(new QibenchError(code, { id: '1', epoch: 1, count: 1, summary: 's' }));
  });
  for (const name of ['RUN', 'tree', 'block'])
    expect(spans.find((span) => span.name === name)).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': code },
    });
  expect(spans.find(({ name }) => name === 'RUN')!.attributes['cicd.pipeline.result']).toBe(result);
  expect(families.get('qibench_worker_lease_losses_total')!.samples[0]!.value).toBe(
    code === 'LEASE_LOST' ? 1 : 0,
  );
  expect(lines.at(-1)).toMatchObject({ code, level: 'warn' });
});
