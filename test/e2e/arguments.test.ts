// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import type { JobPreview } from '#contract/preview.js';
import type { Sample } from '#contract/sample.js';
import { sweepAxes } from '#contract/sweep-figures.js';
import { readFolder } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

/**
 * Reports what reaches QEMU: arguments of qi_init, a variable, the length of standard input, and
 * whether its command line has a word.
 */
const TELLS = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qemu-instr/control.h>

static void tell_words(void)
{
    char line[65536];
    FILE *f = fopen("/proc/self/cmdline", "r");
    size_t len = f ? fread(line, 1, sizeof(line) - 1, f) : 0;

    line[len] = 0;
    for (char *word = line; word < line + len; word += strlen(word) + 1) {
        if (strncmp(word, "guest=told-", 11) == 0) {
            printf("QIBENCH told.word=%s count\\n", word + 11);
        }
    }
    if (f) {
        fclose(f);
    }
}

void qi_init(int argc, const char **argv)
{
    const char *variable = getenv("TOLD");
    char input[4096];
    ssize_t length = read(0, input, sizeof(input));

    printf("QIBENCH told.arguments=%d count\\n", argc);
    for (int i = 0; i < argc; i++) {
        printf("QIBENCH told.length%d=%zu count\\n", i, strlen(argv[i]));
    }
    printf("QIBENCH told.variable=%s count\\n", variable ? variable : "0");
    printf("QIBENCH told.input=%zd count\\n", length);
    tell_words();
    fflush(stdout);
}

void qi_fini(void)
{
}

void qi_event_memory_region_ops_write(void)
{
}
`;

const WRITES = 1_000;
const usual = {
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  workloads: [{ name: 'port-io', parameters: { writes: WRITES } }],
  blocks: 6,
};

let service: TestService;
beforeAll(async () => void (service = await startTestService()), 120_000);
afterAll(() => service.stop(), 120_000);

const upload = async (content: string) =>
  (await uploadFiles(service.client, [{ path: 'instrument.c', content }])).digest;
const example = async (name: string) =>
  (await uploadFiles(service.client, await readFolder(`qemu/examples/${name}`))).digest;
const succeeded = async (request: object): Promise<Job> => {
  const job = await service.finish(request);
  expect(job).toMatchObject({ state: 'succeeded', error: null });
  return job;
};
const samplesOf = async ({ id }: Job) =>
  (await service.client.get<{ samples: Sample[] }>(`/v1/jobs/${id}/samples`)).samples;
const metricsOf = (sample: Sample) =>
  Object.fromEntries(sample.metrics.map(({ name, value }) => [name, Number(value)]));

test(
  'arguments, variables and input reach QEMU and the instrumentation, in dynamic and static mode',
  async () => {
    const job = await succeeded({
      ...usual,
      name: 'what arrives',
      qemu: {
        ...usual.qemu,
        arguments: ['-name', 'guest=told-1'],
        environment: { TOLD: '{writes}' },
        stdin: 'twelve bytes',
      },
      instrumentation: await upload(TELLS),
      arguments: ['abc', 'with,comma', 'a=b', ''],
      variants: [
        'dynamic',
        'static',
        {
          mode: 'static',
          name: 'other',
          arguments: ['{writes}'],
          qemu: { environment: { TOLD: '7' } },
        },
      ],
    });
    const told = {
      'told.arguments': 4,
      'told.length0': 3,
      'told.length1': 10,
      'told.length2': 3,
      'told.length3': 0,
      'told.variable': WRITES,
      'told.input': 12,
      'told.word': 1,
    };
    const full = (await samplesOf(job)).filter(({ size }) => size === 'full');

    for (const sample of full)
      expect(metricsOf(sample)).toMatchObject(
        sample.variant === 'other'
          ? { 'told.arguments': 1, 'told.length0': 4, 'told.variable': 7, 'told.input': 12 }
          : told,
      );
    expect(new Set(full.map(({ variant }) => variant)).size).toBe(3);
    const { builds } = await service.client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
    const keyOf = (name: string) => builds.find(({ variant }) => variant === name)!.key;
    expect(keyOf('other')).toBe(keyOf('static'));
  },
  BUILD_LIMIT_MS,
);

test(
  'a job compares two instrumentations, each with events of its own',
  async () => {
    const job = await succeeded({
      ...usual,
      name: 'two instrumentations',
      variants: [
        'none',
        { mode: 'static', name: 'count', instrumentation: await example('count') },
        {
          mode: 'dynamic',
          name: 'histogram',
          instrumentation: await example('histogram'),
          arguments: ['3'],
          events: ['memory_region_ops_write', 'memory_region_ops_read'],
        },
      ],
    });
    const { builds } = await service.client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
    const comparison = await service.client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);

    expect(
      Object.fromEntries(builds.map(({ variant, inputs }) => [variant, inputs.events])),
    ).toEqual({
      none: [],
      count: ['memory_region_ops_write'],
      histogram: ['memory_region_ops_read', 'memory_region_ops_write'],
    });
    expect(comparison.rows.find(({ variant }) => variant === 'count')!.events).toBe(
      String(WRITES + 1),
    );
    expect(comparison.rows.map(({ ratio }) => ratio !== null)).toEqual([false, true, true]);
  },
  BUILD_LIMIT_MS,
);

test(
  'a sweep measures every value in the same blocks, and every event of a sweep in its own build',
  async () => {
    const request = {
      ...usual,
      name: 'sweep',
      workloads: [{ name: 'port-io' }],
      instrumentation: await example('count'),
      variants: ['none', 'static'],
      sweep: { writes: [100, 1_000], smp: [1, 2] },
    };
    const preview = await service.client.post<JobPreview>('/v1/jobs/plan', request);
    const job = await succeeded(request);
    const { rows } = await service.client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);

    expect([preview.builds, preview.plan.workloads.length]).toEqual([2, 4]);
    expect(job.plan.workloads.map(({ label, vcpus }) => [label, vcpus])).toEqual([
      ['port-io smp=1 writes=100', 1],
      ['port-io smp=2 writes=100', 2],
      ['port-io smp=1 writes=1000', 1],
      ['port-io smp=2 writes=1000', 2],
    ]);
    expect(
      rows.filter(({ variant }) => variant === 'static').map(({ events }) => Number(events)),
    ).toEqual([101, 101, 1_001, 1_001]);
    const writes = sweepAxes(job.plan, rows).find(({ name }) => name === 'writes')!;
    expect(writes.series.map(({ points }) => points.map(({ value }) => value))).toEqual(
      Array(4).fill([100, 1_000]),
    );

    const events = await succeeded({
      ...request,
      name: 'sweep of events',
      sweep: 'events',
      events: ['memory_region_ops_*'],
      workloads: usual.workloads,
    });
    const each = await service.client.get<Comparison>(`/v1/jobs/${events.id}/comparison`);
    expect(each.rows.map(({ variant, events: counted }) => [variant, counted])).toEqual([
      ['none', null],
      ['static memory_region_ops_read', expect.anything()],
      ['static memory_region_ops_write', String(WRITES + 1)],
    ]);
  },
  BUILD_LIMIT_MS,
);
