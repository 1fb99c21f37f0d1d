// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readWorkloads } from '#catalogue/workloads.js';
import type { ShippedPlugin, Variant } from '#contract/variant.js';
import type { Build } from '#contract/build.js';
import { architectureOf, type Target } from '#contract/qemu.js';
import { compileInstrumentation } from '#worker/build/instrumentation.js';
import { digestOfFolder } from '#worker/build/digest.js';
import { ensureGuestToolchain } from '#worker/build/guest-toolchain.js';
import { compilePlugin } from '#worker/build/plugin.js';
import { readFolder, type UploadedFolder } from '#worker/build/tar.js';
import { buildVariant, type VariantInputs } from '#worker/build/variant.js';
import { ensureBaseImage, ensureRunner, ensureToolchain } from '#worker/build/images.js';
import { ensureSource } from '#worker/build/source.js';
import { readVersions } from '#worker/build/versions.js';
import { buildWorkload, volumeFromImage } from '#worker/build/workload.js';
import { emulatorPath, RUN_PATHS } from '#worker/measure/command.js';
import { testContext } from './context.js';
import { plannedWorkload, variantOf } from './job-plan.js';
import { runIn, type Mount } from './qemu.js';

/** Time for the first builds of a version, and for what a busy machine makes slow. */
export const BUILD_LIMIT_MS = 2_400_000;
const EVENTS = ['exec_tb', 'memory_region_ops_write', 'qemu_anon_ram_alloc'];
/** The events of guest code. */
export const GUEST_EVENTS = ['guest_block_exec', 'guest_mem_access'];
/** Port writes of the guest `port-io`. */
export const WRITES = 1000;
/** Rounds of the guest `memory`. */
export const COUNT = 1000;
/** Debian suite of the guests' compilers and kernels: guests are the same for every version. */
const GUEST_SUITE = 'bookworm';
/** Options that make a BIOS image. */
export const BIOS = {
  as: `--32 --defsym COUNT=${COUNT}`,
  ld: '-m elf_i386 -Ttext 0 --oformat binary -e start',
};
const rootDir = process.cwd();
export const context = testContext(rootDir, { 'qibench.test': String(process.pid) });
export const versions = Object.keys(
  (JSON.parse(readFileSync(join(rootDir, 'qemu/versions.json'), 'utf8')) as { versions: object })
    .versions,
);
/** Modes that have a library. */
export const MODES = ['dynamic', 'static'] as const;
export type LibraryMode = (typeof MODES)[number];
/** Whether tests of every target and of long builds run, not only those for CI. */
export const WHOLE_MATRIX = process.env.QIBENCH_MATRIX === '1';
/** Versions for suites whose builds take long. */
export const longSuiteVersions = WHOLE_MATRIX ? versions : versions.slice(0, 1);

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
const biosGuest = (name: string) => [
  ...machine,
  '-bios',
  `/guest/${name}.bin`,
  '-device',
  'isa-debug-exit,iobase=0xf4,iosize=0x04',
];
export const memoryGuest = biosGuest('memory');
export const valuesGuest = biosGuest('values');
export const exceptionsGuest = biosGuest('exceptions');
/** A guest that fires events on that many processors until QEMU ends. */
export const endlessOn = (processors: number) => [
  ...machine,
  '-bios',
  '/guest/smp-port-io.bin',
  '-smp',
  String(processors),
];
export const endless = endlessOn(4);
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
  readonly mounts: Mount[] = [
    { folder: join(this.#scratch, 'guest'), at: '/guest' },
    { folder: join(this.#scratch, 'libraries'), at: '/libraries' },
  ];
  inputs!: Omit<VariantInputs, 'instrumentation'>;
  dynamic!: Build;

  constructor(private readonly version: string) {}

  /** Path of the target's emulator in the image of a build. */
  get emulator(): string {
    return emulatorPath(this.inputs.target, null);
  }

  /** Builds the dynamic variant, assembles the guests and compiles the libraries. */
  async prepare(): Promise<void> {
    await this.prepareInputs();
    this.dynamic = await this.build('dynamic', null);
    for (const name of ['api', 'refuse', 'threads']) await this.compileFor(name, this.dynamic);
    for (const name of ['smp-port-io', 'memory', 'values', 'exceptions'])
      this.assemble(`${name}.bin`, `qemu/test/guest/${name}.s`, BIOS);
    this.assemble('port-io.bin', 'workloads/port-io/port-io.s', BIOS);
  }

  /** Assembles a guest with the version's toolchain. */
  assemble(name: string, source: string, options: { readonly as: string; readonly ld: string }) {
    this.#make(
      name,
      source,
      `as ${options.as} -o /tmp/g.o "$1" && ld ${options.ld} -o /tmp/g /tmp/g.o`,
    );
  }

  /** Compiles a program of Linux as a guest of an architecture, the target's by default. */
  async compileGuest(
    name: string,
    source: string,
    architecture = architectureOf(this.inputs.target),
  ): Promise<void> {
    const base = await ensureBaseImage(context, GUEST_SUITE);
    const inputs = { suite: GUEST_SUITE, base, architecture };
    const { tag, prefix } = (await ensureGuestToolchain(context, inputs))!;
    this.#make(name, source, `${prefix}gcc -O2 -static -pthread -o /tmp/g "$1"`, tag);
  }

  /** Builds a shipped workload that has no parameters, for the target. Returns QEMU's arguments. */
  async addWorkload(name: string): Promise<readonly string[]> {
    const { target } = this.inputs;
    const base = await ensureBaseImage(context, GUEST_SUITE);
    const definition = (await readWorkloads(rootDir)).find((found) => found.name === name)!;
    const image = await buildWorkload(context, definition, plannedWorkload(name), target, base);
    const { volume } = await volumeFromImage(context, image, RUN_PATHS.workload);
    this.mounts.push({ volume, at: RUN_PATHS.workload });
    return definition.run.targetArguments[target] ?? definition.run.arguments;
  }

  #make(name: string, source: string, script: string, image = this.inputs.toolchain.tag) {
    const { status, output } = runIn(
      image,
      ['sh', '-ec', `${script} && base64 /tmp/g`, 'sh', `/source/${basename(source)}`],
      [{ folder: join(rootDir, dirname(source)), at: '/source' }],
    );
    expect([status, name]).toEqual([0, name]);
    writeFileSync(join(this.#scratch, 'guest', name), Buffer.from(output, 'base64'), {
      mode: 0o755,
    });
  }

  /** Prepares only what a tree is built from. */
  async prepareInputs(target: Target = 'x86_64-softmmu'): Promise<void> {
    for (const folder of ['guest', 'libraries']) mkdirSync(join(this.#scratch, folder));
    const entry = (await readVersions(rootDir))[this.version]!;
    const toolchain = await ensureToolchain(context, entry);
    this.inputs = {
      version: this.version,
      entry,
      toolchain,
      runner: await ensureRunner(context, entry),
      source: await ensureSource(context, this.version, entry, toolchain),
      target,
      events: EVENTS,
    };
  }

  async remove(): Promise<void> {
    // `runIn` blocks the event loop, which learns a turn later that the engine closed an idle connection.
    await setTimeout(1);
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

  /**
   * Builds a variant with the library of a folder of qemu/test, linked in or compiled for it.
   * Returns the image, and the options that load the library.
   */
  async withLibrary(mode: LibraryMode, name: string, events: readonly string[]) {
    const build = await this.build(mode, mode === 'static' ? name : null, events);
    if (mode === 'dynamic') await this.compileFor(name, build);
    return { image: build.image, options: mode === 'dynamic' ? library(name) : [] };
  }

  /** Builds a variant with the events of guest code. */
  guestBuild(mode: 'dynamic' | 'static'): Promise<Build> {
    return this.build(mode, mode === 'static' ? 'guest-events' : null, GUEST_EVENTS);
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

  /** Compiles one of QEMU's own plugins; returns the option that loads it. */
  async addPlugin(
    plugin: ShippedPlugin,
    build: Build,
    given: readonly string[],
  ): Promise<readonly string[]> {
    const variant = { ...variantOf('plugin'), plugin, arguments: [...given] };
    const { content } = await compilePlugin(
      context,
      { ...this.inputs, build, uploads: new Map() },
      variant,
    );
    const name = `plugin-${plugin}`;
    this.addLibrary(name, content);
    return ['-plugin', [`file=/libraries/${name}.so`, ...given].join(',')];
  }

  addLibrary(name: string, content: Buffer): void {
    writeFileSync(join(this.#scratch, 'libraries', `${name}.so`), content, { mode: 0o755 });
  }
}
