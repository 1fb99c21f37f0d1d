// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { changedFiles, patchComplaints } from '#contract/patch-text.js';
import { emulatorName, type Target } from '#contract/qemu.js';
import { LABEL } from '../engine/engine.js';
import { track } from '../job/progress.js';
import { patchConflict, type Source } from './patched.js';
import { buildOnce } from './build-once.js';
import { configureArguments, type VersionEntry } from './versions.js';
import { compileFailed, complaints } from './compiler-messages.js';
import { BUILDER, PATHS, type StepContext } from '../step-context.js';
import { digestOfValue } from './digest.js';
import { lastLine, runScript, shell, openContainer, type ScriptResult } from './script.js';
import { portFiles, type PortFiles } from './port.js';
import { packFiles, type TarFile } from './tar.js';

/** Value of QEMU's build option `trace_instrument`. */
export type Instrument = 'none' | 'dynamic' | 'static';

/** Inputs that determine a tree. */
export interface TreeInputs {
  readonly version: string;
  readonly entry: VersionEntry;
  readonly source: Source;
  /** Folder of the port's patches in qemu/, or null without a port; absent: the version's. */
  readonly port?: string | null;
  readonly toolchain: { tag: string; key: string };
  /** The user's options for configure; absent: none. */
  readonly options?: readonly string[];
  readonly target: Target;
  readonly backends: readonly string[];
  /** Compiles line numbers into the emulator, for profiles. Its code stays the same. */
  readonly lineNumbers?: boolean;
}

/**
 * A compiled tree, cached as an image. Variants start from it and rebuild only what they change.
 */
export interface Tree {
  readonly tag: string;
  readonly key: string;
  readonly patchesDigest: string;
  readonly configure: readonly string[];
}

/** Exit status of PREPARE and of qemu/apply.sh when one of our patches does not apply. */
const PATCH_STATUS = 4;
/** What qemu/apply.sh prints before the name of a patch that does not apply. */
const REJECTED = 'QIBENCH-PATCH ';

const PREPARE = `
cp -a /qemu/overlay/. ${PATHS.source}/
cd ${PATHS.source}
sh /qemu/apply.sh /qemu/patches
mkdir -p ${PATHS.build} ${PATHS.instrumentation}
cd ${PATHS.build}
export CCACHE_DIR=/ccache CC="ccache cc"
emulator=$1; shift
${PATHS.source}/configure --prefix=${PATHS.prefix} "$@" || { tail -n 40 config.log meson-logs/meson-log.txt; exit 5; }
ninja "$emulator" trace/trace-events-all
cp trace/trace-events-all ${PATHS.events}
`;

/**
 * For sources of users: their configure and build scripts are uploaded code, which may read the
 * shared compiler cache but not write to it.
 */
const READ_ONLY_CACHE = 'export CCACHE_READONLY=1 CCACHE_TEMPDIR=/tmp/ccache\n';

/**
 * Switches a built tree to another mode. Objects without instrumented events are not recompiled.
 */
const SWITCH = `
cd ${PATHS.build}
export CCACHE_DIR=/tmp/ccache
meson configure -Dtrace_events=${PATHS.events} -Dtrace_instrument="$1" -Dtrace_instrument_path="$2"
ninja "$3"
`;

/**
 * Builds the tree of one QEMU, target and set of trace backends, in one instrument mode. Modes
 * other than `none` start from the image of `none`.
 */
export async function ensureTree(
  context: StepContext,
  inputs: TreeInputs,
  instrument: Instrument,
): Promise<Tree> {
  const configure = [
    `--target-list=${inputs.target}`,
    `--enable-trace-backends=${inputs.backends.join(',')}`,
    ...configureArguments(inputs.entry, inputs.target),
    ...(inputs.lineNumbers === true ? ['--extra-cflags=-g1'] : []),
    // The last option counts. Every compiler has the compiler cache.
    ...(inputs.options ?? []).map((option) => option.replace(/^--cc=/, '--cc=ccache ')),
  ];
  const { port = inputs.entry.patches } = inputs;
  const ported = await portFiles(context, port);
  const patchesDigest = ported.digest;
  const key = digestOfValue({
    source: inputs.source.digest,
    patchesDigest,
    toolchain: inputs.toolchain.key,
    configure,
    instrument,
    prepare: PREPARE,
    switch: SWITCH,
  });
  const tree = {
    tag: `qibench/tree:${inputs.version}-${inputs.target}-${instrument}-${key}`,
    key,
    patchesDigest,
    configure,
  };
  const what = `${emulatorName(inputs.target)} ${inputs.version}, ${inputs.backends.join('+')}, ${instrument}`;

  const none = instrument === 'none' ? null : await ensureTree(context, inputs, 'none');
  await track(context.progress, 'tree', what, async () => {
    // Trees of one version and target differ little: the compiler cache serves most of the next
    // one.
    const cached = await buildOnce(
      context,
      {
        tag: tree.tag,
        step: 'tree',
        name:
          uploadedIn(inputs) === null ? `tree-${inputs.version}-${inputs.target}` : `tree-${key}`,
      },
      async () => {
        if (none === null) await compile(context, inputs, tree, what, ported);
        else
          await switchMode(context, inputs, tree, none, what, instrument as 'dynamic' | 'static');
      },
    );
    return { cached, key };
  });
  return tree;
}

async function compile(
  context: StepContext,
  inputs: TreeInputs,
  tree: Tree,
  what: string,
  { files, patches }: PortFiles,
): Promise<void> {
  const uploaded = uploadedIn(inputs);
  const script = uploaded !== null ? READ_ONLY_CACHE + PREPARE : PREPARE;
  const spec = {
    image: inputs.source.tag,
    command: shell(script, emulatorName(inputs.target), ...tree.configure),
    user: BUILDER,
    network: 'none' as const,
    limits: context.limits.tree,
  };
  await context.backend.createVolume('qibench-ccache', {});
  await using container = await openContainer(context, {
    ...spec,
    mounts: [{ volume: 'qibench-ccache', path: '/ccache', readOnly: uploaded !== null }],
  });
  context.progress.log('tree', `${patches} patches on source ${inputs.source.digest}\n`);
  refuseOverlaid(inputs, files);
  await context.backend.copyIn(container.id, '/qemu', packFiles(files, 1000));
  const result = await runScript(context, container.id, {
    step: 'tree',
    what,
    limits: spec.limits,
    uploaded,
  });
  // A patched source can print anything, so the status and the name of one of our patches must
  // match.
  const end = result.lines.findIndex((line) => line.startsWith(REJECTED));
  const printed = result.lines[end]?.slice(REJECTED.length);
  const patch =
    result.exitStatus === PATCH_STATUS
      ? files.find(({ path }) => path === `patches/${printed}`)?.path.slice('patches/'.length)
      : undefined;
  if (patch !== undefined)
    throw ownPatchFailed(
      inputs,
      patch,
      files,
      patchComplaints(result.lines.slice(0, end)).join(' ') || lastLine(result),
    );
  if (result.exitStatus !== 0) throw treeFailed(inputs, result, 'tree');
  await context.backend.commit(container.id, tree.tag, { [LABEL.key]: tree.key });
}

/**
 * Returns the name, for error messages, of what a user put into a tree; null: nothing. The options
 * of a user count as code, so that a failure is theirs and the compiler cache stays as it is.
 */
export function uploadedIn({
  source,
  options = [],
}: Pick<TreeInputs, 'source' | 'options'>): string | null {
  return source.uploaded ?? (options.length === 0 ? null : `QEMU with ${options.join(' ')}`);
}

/** Creates the error for a failed build. Debian's trees compile, so the user's code is to blame. */
function treeFailed(inputs: TreeInputs, result: ScriptResult, step: string): QibenchError {
  const uploaded = uploadedIn(inputs);
  if (uploaded !== null)
    return compileFailed(
      uploaded,
      complaints(
        result.lines.map((line) => line.replace(/^\.\.\/src\//, `${PATHS.source}/`)),
        PATHS.source,
      ),
      result,
    );
  return new QibenchError('QEMU_BUILD_FAILED', {
    version: inputs.version,
    step,
    lastLine: lastLine(result),
  });
}

/** Rejects a patched source that contains files of the overlay: the overlay would replace them. */
function refuseOverlaid(inputs: TreeInputs, files: readonly TarFile[]): void {
  if (inputs.source.patches === null) return;
  const overlaid = files
    .filter(({ path }) => path.startsWith('overlay/'))
    .map(({ path }) => path.slice('overlay/'.length));
  const conflict = patchConflict(
    { name: 'the overlay', changes: overlaid },
    inputs.source.patches,
    'the overlay replaces whole files',
  );
  if (conflict !== null) throw conflict;
}

/**
 * Creates the error for one of our patches that does not apply. On an unmodified source it is our
 * bug. On a patched source it names the uploaded patches that change the same files.
 */
function ownPatchFailed(
  inputs: TreeInputs,
  patch: string,
  files: readonly TarFile[],
  reason: string,
): QibenchError {
  const patchFile = files.find(({ path }) => path === `patches/${patch}`);
  const conflict =
    inputs.source.patches === null || patchFile === undefined
      ? null
      : patchConflict(
          { name: patch, changes: changedFiles(patchFile.content.toString()) },
          inputs.source.patches,
          reason,
        );
  return (
    conflict ??
    new QibenchError('OWN_PATCH_FAILED', { patch, source: inputs.source.digest, reason })
  );
}

async function switchMode(
  context: StepContext,
  inputs: TreeInputs,
  tree: Tree,
  none: Tree,
  what: string,
  instrument: 'dynamic' | 'static',
): Promise<void> {
  const folder = instrument === 'static' ? PATHS.instrumentation : '';
  const spec = {
    image: none.tag,
    command: shell(SWITCH, instrument, folder, emulatorName(inputs.target)),
    user: BUILDER,
    network: 'none' as const,
    limits: context.limits.variant,
  };
  await using container = await openContainer(context, spec);
  // A static build must define qi_init and qi_fini; the tree is compiled with empty ones.
  if (instrument === 'static')
    await context.backend.copyIn(
      container.id,
      '/qemu',
      packFiles([{ path: 'instrumentation/instrument.c', content: EMPTY_INSTRUMENTATION }], 1000),
    );
  const result = await runScript(context, container.id, {
    step: 'tree',
    what,
    limits: spec.limits,
    uploaded: uploadedIn(inputs),
  });
  if (result.exitStatus !== 0) throw treeFailed(inputs, result, `switch to ${instrument}`);
  await context.backend.commit(container.id, tree.tag, { [LABEL.key]: tree.key });
}

const EMPTY_INSTRUMENTATION = `void qi_init(int argc, const char **argv);
void qi_fini(void);
void qi_init(int argc, const char **argv) { (void)argc; (void)argv; }
void qi_fini(void) { }
`;
