// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Build } from '#contract/build.js';
import type { RecordPage } from '#contract/trace.js';
import type { Sample } from '#contract/sample.js';
import { extractEvents } from '#worker/build/extract-events.js';
import { readFolder } from '#worker/build/tar.js';
import { testContext } from '#support/context.js';
import { uploadFiles } from '#support/upload.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';
import { readTraceRows } from '#support/trace-rows.js';

const rootDir = process.cwd();
const scratch = mkdtempSync(join(tmpdir(), 'qibench-guests-'));
const docker = (...command: string[]) =>
  execFileSync('docker', command, { encoding: 'utf8', maxBuffer: 1024 ** 3 });

let service: TestService;
let instrumentation: string;
beforeAll(async () => {
  service = await startTestService();
  instrumentation = (
    await uploadFiles(service.client, await readFolder(join(rootDir, 'qemu/examples/count')))
  ).digest;
}, 120_000);
afterAll(async () => {
  await service.stop();
  rmSync(scratch, { recursive: true });
}, 120_000);

const samplesOf = async (id: string) =>
  (await service.client.get<{ samples: Sample[] }>(`/v1/jobs/${id}/samples`)).samples;
const system = { qemu: { version: '7.2', target: 'x86_64-softmmu' }, blocks: 6 };

test.each([
  ['x86_64', 'serial_write'],
  ['aarch64', 'pl011_write'],
])(
  'Linux boots to the end on %s with instrumentation loaded, and the instrumentation counts its events',
  async (architecture, serialWrite) => {
    const qemu = { version: '7.2', target: `${architecture}-softmmu` };
    const job = await service.finish({
      ...system,
      qemu,
      name: 'boot',
      events: ['memory_region_ops_*', serialWrite],
      instrumentation,
      variants: ['dynamic'],
      workloads: [{ name: 'linux-boot' }],
    });

    expect(job.error).toBeNull();
    for (const { metrics, events } of await samplesOf(job.id)) {
      expect(metrics.find(({ name }) => name === 'boot.uptime')!.value).toBeGreaterThan(0);
      expect(Number(events!.memory_region_ops_write)).toBeGreaterThan(100);
      expect(Number(events![serialWrite])).toBeGreaterThan(0);
    }
  },
  BUILD_LIMIT_MS,
);

test.each(['x86_64', 'aarch64', 'riscv64'])(
  'one instrumentation counts the events of %s programs identically in both modes',
  async (architecture) => {
    const job = await service.finish({
      name: 'user mode',
      qemu: { version: '7.2', target: `${architecture}-linux-user` },
      events: ['guest_syscall_*', 'guest_user_syscall'],
      instrumentation,
      variants: ['none', 'dynamic', 'static'],
      workloads: [
        { name: 'matmult', parameters: { size: 64 } },
        { name: 'quicksort', parameters: { length: 10_000 } },
      ],
      blocks: 6,
    });

    expect(job.error).toBeNull();
    for (const program of ['matmult', 'quicksort']) {
      const counted = (await samplesOf(job.id)).filter(
        ({ variant, workload, size }) =>
          variant !== 'none' && workload.startsWith(program) && size === 'full',
      );
      const { guest_syscall_enter: entered, ...others } = counted[0]!.events!;
      expect([program, Number(entered) > 0]).toEqual([program, true]);
      // exit_group does not return
      expect([program, others]).toEqual([
        program,
        { guest_syscall_return: String(Number(entered) - 1), guest_user_syscall: entered },
      ]);
      for (const { events } of counted) expect(events).toEqual(counted[0]!.events);
    }
  },
  BUILD_LIMIT_MS,
);

test(
  'the syscalls example counts and times the calls of a program in both modes',
  async () => {
    const { digest } = await uploadFiles(
      service.client,
      await readFolder(join(rootDir, 'qemu/examples/syscalls')),
    );
    const job = await service.finish({
      name: 'syscalls',
      qemu: { version: '7.2', target: 'x86_64-linux-user' },
      events: ['guest_syscall_*'],
      instrumentation: digest,
      variants: ['dynamic', 'static'],
      workloads: [{ name: 'matmult', parameters: { size: 8 } }],
      blocks: 6,
    });

    expect(job.error).toBeNull();
    const exitGroup = 231;
    for (const { metrics } of await samplesOf(job.id)) {
      const values = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
      expect(values).toMatchObject({
        [`syscalls.${exitGroup}.calls`]: 1,
        [`syscalls.${exitGroup}.time`]: 0,
      });
      expect(
        Object.entries(values).filter(([name, value]) => name.endsWith('.time') && value > 0)
          .length,
      ).toBeGreaterThan(0);
    }
  },
  BUILD_LIMIT_MS,
);

test(
  'the record example stores every event in both modes, and loses none',
  async () => {
    const writes = 50_000;
    const { digest } = await uploadFiles(
      service.client,
      await readFolder(join(rootDir, 'qemu/examples/record')),
    );
    const variants = [
      { mode: 'dynamic', trace: true },
      { mode: 'static', trace: true },
    ];
    const job = await service.finish({
      ...system,
      name: 'record',
      events: ['memory_region_ops_write'],
      instrumentation: digest,
      variants,
      workloads: [{ name: 'port-io', parameters: { writes } }],
    });

    expect(job.error).toBeNull();
    const measured = (await samplesOf(job.id)).filter(
      ({ block, size }) => block > 0 && size === 'full',
    );
    expect(
      measured.map(({ recordsStored, recordsDropped }) => [recordsStored, recordsDropped]),
    ).toEqual(measured.map(() => [String(writes + 1), '0']));
    const page = await service.client.get<RecordPage>(
      `/v1/traces/${measured[0]!.traceId}/records?limit=1`,
    );
    expect(page.records[0]).toMatchObject({
      event: 'memory_region_ops_write',
      arguments: { addr: '128', size: '1', name: 'ioport80' },
    });
  },
  BUILD_LIMIT_MS,
);

test(
  'a variant that should store a trace and writes none fails, and the error says so',
  async () => {
    const job = await service.finish({
      ...system,
      name: 'no trace',
      events: ['memory_region_ops_write'],
      instrumentation,
      variants: [{ mode: 'dynamic', trace: true }],
      workloads: [{ name: 'port-io', parameters: { writes: 10 } }],
    });

    expect(job.error).toMatchObject({
      code: 'BAD_TRACE',
      kind: 'workload',
      message: expect.stringContaining('did not write /output/trace'),
    });
  },
  BUILD_LIMIT_MS,
);

test(
  'the committed list of events equals the list of the built trees',
  async () => {
    const committed = JSON.parse(
      readFileSync(join(rootDir, 'qemu/events/7.2.json'), 'utf8'),
    ) as object[];

    expect(await extractEvents(testContext(rootDir), '7.2')).toEqual(committed);
  },
  BUILD_LIMIT_MS,
);

test(
  "our reader reads every record of a trace like QEMU's own reader",
  async () => {
    const job = await service.finish({
      ...system,
      name: 'images',
      events: ['memory_region_ops_write'],
      variants: [{ mode: 'backend', backend: 'simple' }],
      workloads: [{ name: 'port-io', parameters: { writes: 10 } }],
    });
    const {
      builds: [build],
    } = await service.client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
    const arguments_ =
      '-nodefaults -display none -M pc,accel=tcg -m 16M -L /usr/share/qemu-firmware -serial ' +
      'null -device isa-debug-exit,iobase=0xf4,iosize=0x04 -no-reboot';
    // The firmware finds no boot device, so QEMU gets a signal to quit, and then flushes its
    // buffer.
    docker(
      'run',
      '--rm',
      '--network',
      'none',
      '--user',
      '0:0',
      '-v',
      `${scratch}:/out`,
      build!.image,
      'sh',
      '-c',
      `timeout -s TERM 2 /opt/qemu/bin/qemu-system-x86_64 ${arguments_} -trace ` +
        `'enable=*,file=/out/trace'; cp /opt/qemu/share/qemu/trace-events-all /out/`,
    );
    const source = docker(
      'images',
      '--format',
      '{{.Repository}}:{{.Tag}}',
      '--filter',
      'reference=qibench/source:7.2-*',
    ).split('\n')[0]!;
    const theirs = docker(
      'run',
      '--rm',
      '--network',
      'none',
      '--user',
      '0:0',
      '-v',
      `${scratch}:/out:ro`,
      '-v',
      `${join(rootDir, 'test/fixtures')}:/fixtures:ro`,
      '-e',
      'PYTHONPATH=/qemu/src/scripts',
      source,
      'python3',
      '-W',
      'ignore',
      '/fixtures/dump_trace.py',
      '/out/trace-events-all',
      '/out/trace',
    )
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string[]);

    const { records: ours, dropped } = await readTraceRows(
      join(scratch, 'trace'),
      readFileSync(join(scratch, 'trace-events-all'), 'utf8'),
    );

    expect(new Set(ours.map(([name]) => name)).size).toBeGreaterThan(50);
    // An event with text.
    expect(ours.some(([name]) => name === 'object_dynamic_cast_assert')).toBe(true);
    const records = theirs.filter(([name]) => name !== 'dropped');
    expect(ours.length).toBe(records.length);
    for (const [index, record] of records.entries())
      if (JSON.stringify(ours[index]) !== JSON.stringify(record))
        expect([index, ours[index]]).toEqual([index, record]);
    expect(dropped).toBe(
      theirs
        .filter(([name]) => name === 'dropped')
        .reduce((sum, [, , , count]) => sum + Number(count), 0),
    );
  },
  BUILD_LIMIT_MS,
);
