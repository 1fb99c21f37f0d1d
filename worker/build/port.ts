// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import { readFile, readdir } from 'node:fs/promises';
import { changedFiles, patchComplaints } from '#contract/patch-text.js';
import { LABEL } from '../engine/engine.js';
import { track } from '../job/progress.js';
import { BUILDER, PATHS, type StepContext } from '../step-context.js';
import { buildOnce } from './build-once.js';
import { digestOfFolder, digestOfValue } from './digest.js';
import type { Source } from './patched.js';
import { lastLine, openContainer, runScript, shell, type ScriptResult } from './script.js';
import { packFiles, readFolder, type TarFile } from './tar.js';
import { readVersions } from './versions.js';

/** The part of the overlay that every tree needs: the devices of its machine. */
const DEVICES = 'configs/';
const PORT_LABEL = 'qibench.port';
const REASON_LABEL = 'qibench.port.reason';
/** Length of a stored reason; labels are part of an image's configuration. */
const REASON_CHARACTERS = 500;

/** The patch series that makes a source a QEMU with trace instrumentation. */
export interface Port {
  /** Name of the series' folder in qemu/patches; null: none applies. */
  readonly name: string | null;
  /** Why none applies; empty if one does. */
  readonly reason: string;
}

/**
 * Tries series after series on copies of the files that they change. Arguments: names of series, the
 * first one to try first.
 */
const TRY = `
for port in "$@"; do
  try=/tmp/try/$port
  mkdir -p "$try"
  while read -r file; do
    test -f "${PATHS.source}/$file" && test ! -L "${PATHS.source}/$file" || continue
    mkdir -p "$try/$(dirname "$file")"
    cp "${PATHS.source}/$file" "$try/$file"
  done < "/qemu/ports/$port/files"
  cd "$try"
  if sh /qemu/apply.sh "/qemu/ports/$port"; then echo "QIBENCH-PORT $port"; exit 0; fi
done
`;

/**
 * Returns the series that applies to a source, by trying: the one of `version` first, then the
 * others, newest first. The answer is cached as an image without files, by the digests of source
 * and series.
 */
export async function choosePort(
  context: StepContext,
  source: Source,
  version: string,
): Promise<Port> {
  const names = await candidates(context, version);
  const folder = (name: string) => join(context.rootDir, 'qemu/patches', name);
  const series = await Promise.all(names.map((name) => digestOfFolder(folder(name))));
  const apply = await applyScript(context);
  const key = digestOfValue({ source: source.digest, names, series, script: TRY + apply.content });
  const tag = `qibench/port:${key}`;
  await track(context.progress, 'source', `port to ${version}`, async () => {
    const cached = await buildOnce(context, { tag, step: 'source', name: `port-${key}` }, () =>
      tryPorts(context, source, names, { tag, key, folder }),
    );
    return { cached, key };
  });
  const labels = await context.backend.imageLabels(tag);
  return { name: labels[PORT_LABEL] || null, reason: labels[REASON_LABEL] ?? '' };
}

async function candidates({ rootDir }: StepContext, version: string): Promise<string[]> {
  const all = Object.keys(await readVersions(rootDir)).reverse();
  return [version, ...all.filter((other) => other !== version)];
}

async function tryPorts(
  context: StepContext,
  source: Source,
  names: readonly string[],
  { tag, key, folder }: { tag: string; key: string; folder: (name: string) => string },
): Promise<void> {
  const limits = context.limits.patch;
  await using container = await openContainer(context, {
    image: source.tag,
    command: shell(TRY, ...names),
    user: BUILDER,
    network: 'none',
    limits,
  });
  const series = await Promise.all(names.map((name) => seriesWithList(name, folder(name))));
  const apply = await applyScript(context);
  await context.backend.copyIn(container.id, '/qemu', packFiles([...series.flat(), apply], 1000));
  const result = await runScript(context, container.id, {
    step: 'source',
    what: 'port',
    limits,
    uploaded: source.uploaded,
  });
  // The tried copies stay behind.
  await using clean = await openContainer(context, {
    image: source.tag,
    command: ['true'],
    user: BUILDER,
    network: 'none',
    limits: context.limits.small,
  });
  await context.backend.commit(clean.id, tag, { [LABEL.key]: key, ...portLabels(names, result) });
}

/** Returns the script that applies a series. */
async function applyScript({ rootDir }: Pick<StepContext, 'rootDir'>) {
  return { path: 'apply.sh', content: await readFile(join(rootDir, 'qemu/apply.sh'), 'utf8') };
}

/** Returns a series and the list of the files that it changes. */
async function seriesWithList(name: string, folder: string): Promise<TarFile[]> {
  const patches = await readFolder(folder, `ports/${name}/`);
  const files = patches.flatMap(({ content }) => changedFiles(content.toString()));
  const list = [...new Set(files)].map((file) => `${file}\n`).join('');
  return [...patches, { path: `ports/${name}/files`, content: list }];
}

function portLabels(names: readonly string[], result: ScriptResult): Record<string, string> {
  const line = (pattern: RegExp) => result.lines.findIndex((text) => pattern.test(text));
  const found = line(/^QIBENCH-PORT \S+$/);
  const port = found < 0 ? '' : result.lines[found]!.slice('QIBENCH-PORT '.length);
  if (result.exitStatus === 0 && names.includes(port))
    return { [PORT_LABEL]: port, [REASON_LABEL]: '' };
  // The reject of the first series, which is the nearest one.
  const end = line(/^QIBENCH-PATCH \S+$/);
  const patch = result.lines[end]?.slice('QIBENCH-PATCH '.length);
  const [complaint = lastLine(result)] = patchComplaints(result.lines.slice(0, Math.max(0, end)));
  const reason = `patch ${patch ?? '(none)'} for QEMU ${names[0]}: ${complaint}`;
  return { [PORT_LABEL]: '', [REASON_LABEL]: reason.slice(0, REASON_CHARACTERS) };
}

/** The files of a port, and their digest, which is part of a tree's key. */
export interface PortFiles {
  /** Below `overlay/` and `patches/`. */
  readonly files: readonly TarFile[];
  readonly patches: number;
  readonly digest: string;
}

/**
 * Reads the files that a tree gets beside its source.
 * @param patches Folder of the series in qemu/; null: only the configurations of devices.
 */
export async function portFiles(
  { rootDir }: Pick<StepContext, 'rootDir'>,
  patches: string | null,
): Promise<PortFiles> {
  const overlay = join(rootDir, 'qemu/overlay');
  const apply = await applyScript({ rootDir });
  if (patches === null) {
    const files = await readFolder(join(overlay, DEVICES), `overlay/${DEVICES}`);
    const digest = await digestOfFolder(join(overlay, DEVICES));
    return { files: [...files, apply], patches: 0, digest };
  }
  const series = join(rootDir, 'qemu', patches);
  return {
    files: [
      ...(await readFolder(overlay, 'overlay/')),
      ...(await readFolder(series, 'patches/')),
      apply,
    ],
    patches: (await readdir(series)).filter((name) => name.endsWith('.patch')).length,
    digest: digestOfValue([
      await digestOfFolder(overlay),
      await digestOfFolder(series),
      apply.content,
    ]),
  };
}
