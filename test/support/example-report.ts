// SPDX-License-Identifier: GPL-2.0-or-later
import { JobPlan, type Job } from '#contract/job.js';
import { Sample } from '#contract/sample.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { batchOf } from '#domain/batches.js';
import { compareJob } from '#domain/comparison.js';
import { measuredCells, measuresOf } from '#domain/measures.js';
import type { JobComparison } from '#contract/comparison.js';
import type { JobReport } from '#formats/report.js';
import { random } from '#statistics/random.js';

/**
 * Names that have broken other writers: markup, formulas, objects, terminals, encodings and paths.
 */
export const HOSTILE_NAMES = [
  '<script>alert(1)</script>',
  ']]>&amp;"\'',
  "=cmd|' /C calc'!A1",
  '+1',
  '-2+3',
  '@SUM(A1)',
  'a,b;c\td',
  'two\r\nlines',
  'carriage\rreturn',
  '"quoted"',
  '__proto__',
  'constructor',
  '12345',
  'ends in -bencher-ignore',
  'sl/ash/',
  '\u001b[31mred',
  'nul\u0000byte',
  'half \ud800 pair',
  'ünï 🐧 \u202e',
  ' ',
  '${jndi:x}',
  '../../etc/passwd',
  '\ufeffbom',
  'x'.repeat(900),
];

const VARIANTS = ['none', 'dynamic'];

/** Metrics of the example workload: a constant number, and one that is larger-is-better. */
export const EXAMPLE_WORKLOAD = WorkloadDefinition.parse({
  name: 'port-io',
  summary: '',
  targets: ['x86_64-softmmu'],
  run: { arguments: [], exitStatus: 33, timeoutSeconds: 1 },
  metrics: [{ name: 'writes', unit: 'count', direction: 'larger', description: '' }],
});

/**
 * A job with these workloads, six blocks and a warm-up, and times drawn from a seed; `dynamic`
 * takes `ratio` times the time. Blocks use four links of each build in turn. Host instructions are
 * counted twice, the guest's once, on the baseline. With `slower` it has a base and two batches of
 * twelve blocks, and head takes `slower` times the time of base.
 */
export function exampleReport(
  labels: readonly string[],
  seed = 1,
  ratio = 1.1,
  slower: number | null = null,
): JobReport & { samples: Sample[] } {
  const next = random(seed);
  const side = {
    qemu: { version: '7.2', target: 'x86_64-softmmu', patches: null },
    events: [],
    instrumentation: null,
  };
  const sides = slower === null ? (['head'] as const) : (['head', 'base'] as const);
  const plan = JobPlan.parse({
    events: [],
    seed: 1,
    blocks: slower === null ? 6 : 12,
    batches: sides.length,
    sides: { head: side, base: slower === null ? null : side, same: false },
    variants: sides.flatMap((variantSide) =>
      VARIANTS.map((name) => ({
        name,
        side: variantSide,
        mode: name,
        backend: null,
        plugin: null,
        arguments: [],
        trace: false,
      })),
    ),
    workloads: labels.map((label) => ({
      label,
      name: 'port-io',
      parameters: {},
      timeoutSeconds: 1,
    })),
  });
  const samples: Sample[] = [];
  for (let block = 0; block <= plan.blocks * plan.batches; block += 1) {
    for (const workload of labels) {
      for (const { name: variant, side: variantSide } of plan.variants) {
        const index = VARIANTS.indexOf(variant);
        const scale = ratio ** index * (variantSide === 'head' ? (slower ?? 1) : 1);
        const ns = Math.round(1e6 * Math.exp(8 * next()) * ratio ** index);
        samples.push(
          Sample.parse({
            id: String(samples.length + 1),
            variant,
            side: variantSide,
            workload,
            batch: batchOf(plan, block),
            block,
            position: samples.length % (labels.length * plan.variants.length),
            wallNs: String(block === 0 ? ns : Math.round((2e9 + 1e7 * next()) * scale)),
            userNs: String(ns),
            systemNs: index === 0 ? '0' : '1234567',
            maxRssBytes: '104857600',
            exitStatus: 33,
            metrics: [{ name: 'writes', value: 10, unit: 'count' }],
            events: index === 0 ? null : { exec_tb: '9007199254740993' },
            recordsStored: null,
            recordsDropped: null,
            kind: 'timed' as const,
            hostInstructions: null,
            guestInstructions: null,
            noise: null,
            traceId: null,
            hostFingerprint: 'sha256:host',
            buildKey: `key of ${variantSide}`,
            link: block % 4,
            startedAt: '2026-01-02T03:04:05.678Z',
          }),
        );
      }
    }
  }
  const job = {
    id: '00000000-0000-4000-8000-000000000001',
    name: labels[0]!,
    state: 'succeeded',
    plan,
    request: { name: labels[0]!, project: 'p', commit: 'abc1234' },
    epoch: 1,
    blocksDone: 6,
    cancelRequested: false,
    error: null,
    truncations: [],
    createdAt: '2026-01-02T03:04:05.678Z',
    startedAt: '2026-01-02T03:04:05.678Z',
    finishedAt: null,
  } as unknown as Job;
  const comparison = compareJob(job.id, plan, samples);
  const counted = labels.flatMap((workload) =>
    VARIANTS.flatMap((variant, index) => {
      const first = samples.find(
        (sample) => sample.workload === workload && sample.variant === variant,
      )!;
      const runs = [
        { block: 1, hostInstructions: '5000000000' },
        { block: 2, hostInstructions: '5000000100' },
        ...(index === 0 ? [{ block: 0, guestInstructions: '123456789' }] : []),
      ];
      return runs.map((run) => ({ ...first, kind: 'instructions' as const, ...run }));
    }),
  );
  const cells = measuredCells(plan, samples, { counted, workloads: [EXAMPLE_WORKLOAD] });
  return {
    job,
    host: null,
    cells,
    measures: measuresOf(cells, comparison),
    comparison,
    comparisons: [comparison],
    advisoryReasons: [],
    samples,
  };
}

/** Names that an import accepts: Postgres cannot store the others. */
export const IMPORTABLE_NAMES = HOSTILE_NAMES.filter((name) => !/\0|\p{Surrogate}/u.test(name));

/**
 * Nanoseconds of an empty run of the example below, of the start of `dynamic`, and of each of its
 * events.
 */
const EMPTY_NS = 1e8;
const START_NS = 1e7;
const EVENT_NS = 50;
const EVENTS = 1_000_000;

/**
 * The report of a job that measures `none` and `dynamic` until the comparison is decided, after
 * `blocks` blocks. Every block has an empty and a full size; `dynamic` starts for 10 ms and takes
 * 50 ns per event, or, with `idle`, costs nothing. Times vary by one per cent, drawn from a seed.
 */
export function untilDecided(
  blocks: number,
  {
    idle = false,
    seed = 1,
    noise = 0.01,
    withinSeconds = 300,
  }: { idle?: boolean; seed?: number; noise?: number; withinSeconds?: number } = {},
): { job: Job; samples: Sample[]; comparison: JobComparison } {
  const next = random(seed);
  const { job } = exampleReport(['port-io']);
  const plan = JobPlan.parse({
    ...job.plan,
    blocks: 768,
    withinSeconds,
    links: 16,
    workloads: [
      {
        label: 'port-io',
        name: 'port-io',
        parameters: {},
        timeoutSeconds: 1,
        size: { parameter: 'writes', empty: 1, full: null, minimum: 1, maximum: 10 * EVENTS },
      },
    ],
  });
  const samples: Sample[] = [];
  for (let block = 1; block <= blocks; block += 1)
    for (const size of ['empty', 'full'] as const)
      for (const { name: variant } of plan.variants) {
        const events = size === 'empty' ? 1 : EVENTS;
        const cost = variant === 'none' || idle ? 0 : START_NS + EVENT_NS * events;
        const ns = (size === 'empty' ? EMPTY_NS : 2 * EMPTY_NS) * (1 + noise * (next() - 0.5));
        samples.push(
          Sample.parse({
            id: String(samples.length + 1),
            kind: 'timed',
            variant,
            side: 'head',
            workload: 'port-io',
            batch: 1,
            block,
            position: samples.length % 4,
            group: size === 'empty' ? 0 : 1,
            size,
            sizeValue: events,
            link: block % 16,
            cpus: '1',
            environmentBytes: 256,
            wallNs: String(Math.round(ns + cost)),
            userNs: String(Math.round(ns + cost)),
            systemNs: '0',
            maxRssBytes: '104857600',
            exitStatus: 33,
            metrics: [],
            events: variant === 'none' || idle ? null : { exec_tb: String(events) },
            hostInstructions: null,
            guestInstructions: null,
            noise: null,
            recordsStored: null,
            recordsDropped: null,
            traceId: null,
            hostFingerprint: 'sha256:host',
            buildKey: 'key',
            startedAt: '2026-01-02T03:04:05.678Z',
          }),
        );
      }
  return {
    job: { ...job, plan, blocksDone: blocks },
    samples,
    comparison: compareJob(job.id, plan, samples),
  };
}
