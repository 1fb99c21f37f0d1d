// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { QibenchError } from '#contract/error.js';
import type { StepContext } from '../step-context.js';
import { digestOfFolder, digestOfValue } from './digest.js';
import { packFiles, readFolder } from './tar.js';
import { track } from '../job/progress.js';
import { LABEL } from '../engine/engine.js';
import { buildOnce } from './build-once.js';
import type { VersionEntry } from './versions.js';

const execute = promisify(execFile);
const BOOTSTRAP_LIMIT_MS = 30 * 60_000;
const ARCHIVE = 'http://deb.debian.org/debian';
/** Keyring with the keys of Debian's archive, from the package debian-archive-keyring. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Returns the tag of `debian:<suite>-slim`. Pulls the image if a registry answers, else bootstraps
 * it from Debian's archive under the same tag.
 */
export async function ensureBaseImage(context: StepContext, suite: string): Promise<string> {
  const tag = `debian:${suite}-slim`;
  await track(context.progress, 'image', tag, async () => {
    const cached = await buildOnce(
      context,
      { tag, step: 'image', name: `debian-${suite}` },
      async () => {
        if (!(await context.backend.pullImage(tag, context.signal)))
          await bootstrap(context, suite, tag);
      },
    );
    return { cached, key: null };
  });
  return tag;
}

async function bootstrap(context: StepContext, suite: string, tag: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'qibench-base-'));
  const root = join(folder, 'root');
  try {
    context.progress.log(
      'image',
      `no registry has ${tag}: bootstrapping it from Debian's archive\n`,
    );
    await execute('debootstrap', debootstrapArguments(suite, root), {
      signal: context.signal,
      timeout: BOOTSTRAP_LIMIT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    // A mirror of a moving suite may be older than its index allows. Signatures are still checked.
    await writeFile(
      join(root, 'etc/apt/apt.conf.d/90valid-until'),
      'Acquire::Check-Valid-Until "false";\n',
    );
    const archive = spawn(
      'tar',
      ['-C', root, '--exclude=./var/cache/apt/archives/*.deb', '--exclude=./dev/*', '-c', '.'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await context.backend.importImage(archive.stdout, tag);
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof QibenchError) throw error;
    throw new QibenchError(
      'IMAGE_BUILD_FAILED',
      { image: tag, lastLine: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Returns the arguments with which debootstrap installs a suite. Without a keyring it would only
 * warn, and run as root whatever the network sends.
 */
export function debootstrapArguments(suite: string, root: string): string[] {
  const signed = ['--force-check-gpg', `--keyring=${KEYRING}`];
  return ['--variant=minbase', ...signed, suite, root, ARCHIVE];
}

/**
 * Builds the Dockerfile in a folder unless the engine has its image. The tag contains the digest of
 * all inputs, so equal inputs are built once.
 */
export async function ensureImage(
  context: StepContext,
  options: {
    name: string;
    folder: string;
    arguments: Record<string, string>;
    step?: 'image' | 'workload';
    label?: string;
  },
): Promise<{ tag: string; key: string }> {
  const key = digestOfValue({
    folder: await digestOfFolder(options.folder),
    arguments: options.arguments,
  });
  const tag = `qibench/${options.name}:${options.label === undefined ? '' : `${options.label}-`}${key}`;
  const step = options.step ?? 'image';
  await track(context.progress, step, tag, async () => {
    const name = `${options.name}${options.label === undefined ? '' : `-${options.label}`}`;
    const cached = await buildOnce(context, { tag, step, name }, async () => {
      const files = packFiles(await readFolder(options.folder));
      await context.backend.buildImage(
        files,
        { tag, arguments: options.arguments, labels: { [LABEL.key]: key }, signal: context.signal },
        (text) => context.progress.log(step, text),
      );
    });
    return { cached, key };
  });
  return { tag, key };
}

/**
 * Builds the image that compiles one suite's QEMU and the instrumentations for it.
 * @param compiler Debian package of a further compiler; null: none.
 * @throws {COMPILE_FAILED} The suite has no such package.
 */
export async function ensureToolchain(
  context: StepContext,
  entry: VersionEntry,
  compiler: string | null = null,
): Promise<{ tag: string; key: string }> {
  const base = await ensureBaseImage(context, entry.suite);
  const packages = [...entry.toolchainPackages, ...(compiler === null ? [] : [compiler])];
  try {
    return await ensureImage(context, {
      name: 'toolchain',
      label: compiler === null ? entry.suite : `${entry.suite}-chosen-${compiler}`,
      folder: join(context.rootDir, 'dockerfiles/toolchain'),
      arguments: { BASE: base, SUITE: entry.suite, PACKAGES: packages.join(' ') },
    });
  } catch (error) {
    const missing = /Unable to locate package|has no installation candidate/;
    if (compiler === null || !missing.test((error as Error).message)) throw error;
    throw new QibenchError(
      'COMPILE_FAILED',
      { what: `QEMU with ${compiler}`, first: `Debian ${entry.suite} has no package ${compiler}` },
      { cause: error },
    );
  }
}

/** Builds the image that attaches bpftrace to measured QEMUs. */
export async function ensureTracer(context: StepContext, entry: VersionEntry): Promise<string> {
  const base = await ensureBaseImage(context, entry.suite);
  const { tag } = await ensureImage(context, {
    name: 'tracer',
    label: entry.suite,
    folder: join(context.rootDir, 'dockerfiles/tracer'),
    arguments: { BASE: base },
  });
  return tag;
}

/** Builds the image that measured QEMUs run in: the runner, QEMU's libraries and firmware. */
export async function ensureRunner(
  context: StepContext,
  entry: VersionEntry,
): Promise<{ tag: string; key: string }> {
  const base = await ensureBaseImage(context, entry.suite);
  return ensureImage(context, {
    name: 'runner',
    label: entry.suite,
    folder: join(context.rootDir, 'dockerfiles/runner'),
    arguments: { BASE: base },
  });
}
