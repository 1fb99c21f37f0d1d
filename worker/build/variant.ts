// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QibenchError } from '#contract/error.js';
import type { Build, BuildInputs } from '#contract/build.js';
import { emulatorName } from '#contract/qemu.js';
import { shownVariant } from '#contract/side.js';
import type { Variant } from '#contract/variant.js';
import { instrumentOf } from '#domain/recipe.js';
import { LABEL } from '../engine/engine.js';
import { buildOnce } from './build-once.js';
import { BUILDER, PATHS, type StepContext } from '../step-context.js';
import { compileFailed, complaints } from './compiler-messages.js';
import { digestOfValue } from './digest.js';
import { installedFiles } from './installed.js';
import { lastLine, runScript, shell, openContainer, type ScriptResult } from './script.js';
import { packFiles, type TarFile, type UploadedFolder } from './tar.js';
import { ensureTree, uploadedIn, type Instrument, type TreeInputs } from './tree.js';

/** Inputs that determine the builds of one side's variants. */
export interface VariantInputs extends Omit<TreeInputs, 'backends'> {
  readonly runner: { tag: string; key: string };
  readonly events: readonly string[];
  readonly instrumentation: UploadedFolder | null;
}

/**
 * Marks the selected events in a copy of the merged events file, rebuilds with ninja, installs, and
 * links the emulator again in other orders. A build whose emulator cannot be relinked is still
 * usable.
 */
const BUILD = `
cd ${PATHS.build}
export CCACHE_DIR=/tmp/ccache
if test -e /qemu/select.sed; then sed -E -f /qemu/select.sed trace/trace-events-all > ${PATHS.events}; fi
ninja "$1"
meson install --no-rebuild --quiet
mkdir -p ${PATHS.prefix}/share/qemu
cp trace/trace-events-all ${PATHS.prefix}/share/qemu/
if test "$2" -gt 1; then
  python3 /qemu/relink.py "$1" "$2" "$3" ${PATHS.prefix}/bin || echo "$1 cannot be linked again"
fi
`;

const BINARY_LABEL = 'qibench.binary';
const LINKS_LABEL = 'qibench.links';

/**
 * Builds one variant as an image: the runner with QEMU installed at /opt/qemu. Reuses the image if
 * the engine has one with the same key.
 *
 * @param links Number of links of the emulator, each with its code in another order; 1: a single
 *   link in the original order.
 */
export async function buildVariant(
  context: StepContext,
  inputs: VariantInputs,
  variant: Variant,
  links: number,
): Promise<Build> {
  const startedMs = performance.now();
  const instrument = instrumentOf(variant.mode);
  const backends = [variant.backend ?? 'log'];
  const tree = await ensureTree(context, { ...inputs, backends }, instrument);
  const keyed: BuildInputs = {
    source: inputs.source.digest,
    patches: tree.patchesDigest,
    toolchain: inputs.toolchain.key,
    target: inputs.target,
    configure: [...tree.configure],
    backends,
    instrument,
    events: instrument === 'none' ? [] : [...inputs.events],
    instrumentation: instrument === 'static' ? (inputs.instrumentation?.digest ?? null) : null,
    links,
  };
  const relink = await readFile(join(context.rootDir, 'qemu/relink.py'), 'utf8');
  const key = digestOfValue({
    ...keyed,
    tree: tree.key,
    runner: inputs.runner.key,
    script: BUILD,
    relink,
  });
  const image = `qibench/build:${key}`;
  context.progress.started('build', shownVariant(variant));
  // Another job may need the same image. Rebuilding would move the tag while that job measures.
  const cached = await buildOnce(context, { tag: image, step: 'build', name: `build-${key}` }, () =>
    build(context, inputs, variant, { tree: tree.tag, image, key, instrument, links, relink }),
  );
  const durationMs = Math.round(performance.now() - startedMs);
  context.progress.finished('build', shownVariant(variant), { durationMs, cached, key });
  const labels = await context.backend.imageLabels(image);
  return {
    variant: variant.name,
    side: variant.side,
    key,
    inputs: keyed,
    binaryDigest: labels[BINARY_LABEL] ?? '',
    links: Number(labels[LINKS_LABEL] ?? 1),
    image,
    cached,
    durationMs,
  };
}

async function build(
  context: StepContext,
  inputs: VariantInputs,
  variant: Variant,
  target: {
    tree: string;
    image: string;
    key: string;
    instrument: Instrument;
    links: number;
    relink: string;
  },
): Promise<void> {
  const emulator = emulatorName(inputs.target);
  const files: TarFile[] = [{ path: 'relink.py', content: target.relink }];
  if (target.instrument !== 'none')
    files.push({ path: 'select.sed', content: selectionScript(inputs.events) });
  if (target.instrument === 'static')
    files.push(
      ...inputs.instrumentation!.files.map((file) => ({
        ...file,
        path: `instrumentation/${file.path}`,
      })),
    );

  // Static mode compiles uploaded code here, so the container has neither network nor shared cache.
  const spec = {
    image: target.tree,
    command: shell(BUILD, emulator, String(target.links), target.key),
    user: BUILDER,
    network: 'none' as const,
    limits: context.limits.variant,
  };
  const uploaded = target.instrument === 'static' ? 'the instrumentation' : uploadedIn(inputs);
  await using builder = await openContainer(context, spec);
  await context.backend.copyIn(builder.id, '/qemu', packFiles(files, 1000));
  const result = await runScript(context, builder.id, {
    step: 'build',
    what: shownVariant(variant),
    limits: spec.limits,
    uploaded,
  });
  if (result.exitStatus !== 0) throw buildError(inputs, variant, result, uploaded);
  const installed = installedFiles(
    await context.backend.copyOut(builder.id, PATHS.prefix),
    `qemu/bin/${emulator}`,
  );
  await using clean = await openContainer(context, {
    ...spec,
    image: inputs.runner.tag,
    command: ['true'],
    user: '65534:65534',
    workingDir: '/',
    limits: context.limits.small,
  });
  await context.backend.copyIn(clean.id, '/opt', installed.tar);
  const binary = installed.binaryDigest();
  if (binary === null) throw buildError(inputs, variant, result, uploaded);
  await context.backend.commit(clean.id, target.image, {
    [LABEL.key]: target.key,
    [BINARY_LABEL]: binary,
    // With a single link, runs use the emulator as it was built.
    [LINKS_LABEL]: String(Math.max(1, Math.min(installed.links(), target.links))),
  });
}

/**
 * Creates the error for a failed build. Variants without uploads are known to build, so the uploads are at fault.
 */
function buildError(
  inputs: VariantInputs,
  variant: Variant,
  result: ScriptResult,
  uploaded: string | null,
): QibenchError {
  if (uploaded !== null)
    return compileFailed(
      uploaded,
      complaints(result.lines, variant.mode === 'static' ? PATHS.instrumentation : PATHS.source),
      result,
    );
  return new QibenchError('QEMU_BUILD_FAILED', {
    version: inputs.version,
    step: `variant ${shownVariant(variant)}`,
    lastLine: lastLine(result),
  });
}

/**
 * Returns a sed script that adds the `instrument` property to the events and removes `disable`. The
 * names were checked against the tree's list.
 */
function selectionScript(events: readonly string[]): string {
  const lines = events.map(
    (event) => `s/^(((disable|vcpu) )*)${event}\\(/instrument \\1${event}(/`,
  );
  return [...lines, '/^instrument /s/ disable / /', ''].join('\n');
}
