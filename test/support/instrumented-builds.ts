// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Variant } from '#contract/variant.js';
import type { Build } from '#contract/build.js';
import { compileInstrumentation } from '#worker/build/instrumentation.js';
import { digestOfFolder } from '#worker/build/digest.js';
import { readFolder, type UploadedFolder } from '#worker/build/tar.js';
import { buildVariant, type VariantInputs } from '#worker/build/variant.js';
import { ensureRunner, ensureToolchain } from '#worker/build/images.js';
import { ensureSource } from '#worker/build/source.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from './context.js';
import { variantOf } from './job-plan.js';
import { runIn, type Mount } from './qemu.js';

/** Time for the first builds of a version. */
export const BUILD_LIMIT_MS = 2_400_000;
const EVENTS = ['exec_tb', 'memory_region_ops_write', 'qemu_anon_ram_alloc'];
/** Port writes of the guest `port-io`. */
export const WRITES = 1000;
/** Rounds of the guest `memory`. */
export const COUNT = 1000;
const rootDir = process.cwd();
export const context = testContext(rootDir, { 'qibench.test': String(process.pid) });
export const versions = Object.keys(
  (JSON.parse(readFileSync(join(rootDir, 'qemu/versions.json'), 'utf8')) as { versions: object })
    .versions,
);

export const emulator = '/opt/qemu/bin/qemu-system-x86_64';
const machine = [
  '-nodefaults',
  '-no-user-config',
  '-display',
  'none',
  '-M',
  'pc,accel=tcg',
  '-m',
  '16M',
  '-L',
  '/usr/share/qemu-firmware',
  '-no-reboot',
];
export const portIo = [
  ...machine,
  '-bios',
  '/guest/port-io.bin',
  '-device',
  `loader,addr=0x1000,data=${WRITES},data-len=4`,
  '-device',
  'isa-debug-exit,iobase=0xf4,iosize=0x04',
];
export const memoryGuest = [
  ...machine,
  '-bios',
  '/guest/memory.bin',
  '-device',
  'isa-debug-exit,iobase=0xf4,iosize=0x04',
];
/** A guest that fires events on four processors until QEMU ends. */
export const endless = [...machine, '-bios', '/guest/smp-port-io.bin', '-smp', '4'];
/** Arguments that load a library at the start. */
export const library = (name: string, ...args: string[]) => [
  '-instr',
  [`file=/libraries/${name}.so`, ...args.map((arg) => `arg=${arg}`)].join(','),
];

async function testFolder(name: string): Promise<UploadedFolder> {
  const path = join(rootDir, 'qemu/test', name);
  return { digest: await digestOfFolder(path), files: await readFolder(path) };
}

/** Instrumented builds of a QEMU version, guests for them and libraries that they load. */
export class InstrumentedBuilds {
  readonly #scratch = mkdtempSync(join(tmpdir(), 'qibench-conformance-'));
  readonly mounts: readonly Mount[] = [
    { folder: join(this.#scratch, 'guest'), at: '/guest' },
    { folder: join(this.#scratch, 'libraries'), at: '/libraries' },
  ];
  inputs!: Omit<VariantInputs, 'instrumentation'>;
  dynamic!: Build;

  constructor(private readonly version: string) {}

  /** Builds the dynamic variant, assembles the guests and compiles the libraries. */
  async prepare(): Promise<void> {
    await this.prepareInputs();
    this.dynamic = await this.build('dynamic', null);
    mkdirSync(join(this.#scratch, 'guest'));
    mkdirSync(join(this.#scratch, 'libraries'));
    for (const name of ['api', 'refuse', 'threads']) await this.compileFor(name, this.dynamic);
    const sources: Mount[] = [
      { folder: join(rootDir, 'qemu/test/guest'), at: '/guest' },
      { folder: join(rootDir, 'workloads/port-io'), at: '/port-io' },
    ];
    for (const [name, file] of [
      ['smp-port-io', '/guest/smp-port-io.s'],
      ['memory', '/guest/memory.s'],
      ['port-io', '/port-io/port-io.s'],
    ] as const) {
      const assemble =
        `as --32 --defsym COUNT=${COUNT} -o /tmp/g.o ${file} && ld -m elf_i386 -Ttext 0 ` +
        '--oformat binary -e start -o /tmp/g.bin /tmp/g.o && base64 /tmp/g.bin';
      const { toolchain } = this.inputs;
      const { status, output } = runIn(toolchain.tag, ['sh', '-ec', assemble], sources);
      expect([status, name]).toEqual([0, name]);
      writeFileSync(join(this.#scratch, 'guest', `${name}.bin`), Buffer.from(output, 'base64'));
    }
  }

  /** Prepares only what a tree is built from. */
  async prepareInputs(): Promise<void> {
    const entry = (await readVersions(rootDir))[this.version]!;
    const toolchain = await ensureToolchain(context, entry);
    this.inputs = {
      version: this.version,
      entry,
      toolchain,
      runner: await ensureRunner(context, entry),
      source: await ensureSource(context, this.version, entry, toolchain),
      target: 'x86_64-softmmu',
      events: EVENTS,
    };
  }

  async remove(): Promise<void> {
    await context.backend.sweep(context.labels);
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** Builds a variant with the instrumentation of a folder of qemu/test, if any. */
  async build(
    mode: Variant['mode'],
    name: string | null,
    events: readonly string[] = EVENTS,
  ): Promise<Build> {
    const instrumentation = name === null ? null : await testFolder(name);
    return buildVariant(context, { ...this.inputs, events, instrumentation }, variantOf(mode), 1);
  }

  /** Builds a variant with the events of guest code. */
  guestBuild(mode: 'dynamic' | 'static'): Promise<Build> {
    const events = ['guest_block_exec', 'guest_mem_access'];
    return this.build(mode, mode === 'static' ? 'guest-events' : null, events);
  }

  /** Compiles the library of a folder of qemu/test for a dynamic build. */
  async compileFor(name: string, { image, key }: Pick<Build, 'image' | 'key'>): Promise<void> {
    const { content } = await compileInstrumentation(context, {
      toolchain: this.inputs.toolchain.tag,
      build: { image, key },
      instrumentation: await testFolder(name),
    });
    this.addLibrary(basename(name), content);
  }

  addLibrary(name: string, content: Buffer): void {
    writeFileSync(join(this.#scratch, 'libraries', `${name}.so`), content, { mode: 0o755 });
  }
}
