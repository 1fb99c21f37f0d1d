// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { shownVariant } from '#contract/side.js';
import { isShipped, type Variant } from '#contract/variant.js';
import { PATHS, type StepContext } from '../step-context.js';
import { digestOfValue } from './digest.js';
import { compileFailed, complaints } from './compiler-messages.js';
import { NO_LIBRARY, compileLibrary } from './library.js';
import { lastLine, type ScriptResult } from './script.js';
import type { UploadedFolder } from './tar.js';

const NAME = 'plugin.so';
const CC =
  'cc -O2 -g1 -Wall -Werror=implicit-function-declaration -fPIC -shared -pthread ' +
  `-I${PATHS.prefix}/include -o /qemu/${NAME}`;
const GLIB = '$(pkg-config --cflags --libs glib-2.0)';

/**
 * Compiles a plugin from QEMU's source with the include folders that QEMU uses. Plugins are in
 * tests/tcg/plugins (10.0 and later), tests/plugin (7.2) and contrib/plugins (both).
 */
const COMPILE_SHIPPED = `
for folder in tests/tcg/plugins tests/plugin contrib/plugins; do
  file="${PATHS.source}/$folder/$1.c"
  if test -e "$file"; then
    exec ${CC} -I${PATHS.source}/include/qemu -I${PATHS.source}/include "$file" ${GLIB}
  fi
done
echo "this source has no plugin $1"
exit 1
`;

/**
 * Runs the folder's Makefile. Without a Makefile, compiles every .c file into one shared object.
 */
const COMPILE_UPLOADED = `
cd ${PATHS.plugin}
if test -e Makefile; then
  make QEMU_PATH=${PATHS.prefix}
  test -e ${NAME} || exit ${NO_LIBRARY}
  exec cp -L ${NAME} /qemu/${NAME}
fi
exec ${CC} -I. ./*.c ${GLIB}
`;

/** Inputs that determine a compiled plugin. */
export interface PluginInputs {
  readonly version: string;
  readonly toolchain: { readonly tag: string };
  readonly source: { readonly tag: string; readonly digest: string };
  readonly build: { readonly image: string; readonly key: string };
  /** Keyed by digest. */
  readonly uploads: ReadonlyMap<string, UploadedFolder>;
}

/**
 * Compiles a variant's plugin for `-plugin file=`, against the installed qemu-plugin.h of its
 * build.
 *
 * @throws {COMPILE_FAILED} An uploaded plugin does not compile; `details` has file:line and message
 *   of each error.
 * @throws {PLUGIN_MISSING_OUTPUT} The Makefile of an uploaded plugin writes no library.
 * @throws {QEMU_BUILD_FAILED} A plugin from QEMU's source does not compile.
 */
export async function compilePlugin(
  context: StepContext,
  inputs: PluginInputs,
  variant: Variant,
): Promise<{ content: Buffer; cached: boolean; key: string }> {
  const { version, source, build } = inputs;
  const plugin = variant.plugin!;
  if (isShipped(plugin)) {
    return compileLibrary(context, {
      key: digestOfValue({
        build: build.key,
        source: source.digest,
        plugin,
        script: COMPILE_SHIPPED,
      }),
      image: source.tag,
      build,
      script: [COMPILE_SHIPPED, plugin],
      files: [],
      name: NAME,
      uploaded: null,
      failure: (result) =>
        new QibenchError('QEMU_BUILD_FAILED', {
          version,
          step: `plugin ${plugin}`,
          lastLine: lastLine(result),
        }),
    });
  }
  return compileLibrary(context, {
    key: digestOfValue({ build: build.key, plugin, script: COMPILE_UPLOADED }),
    image: inputs.toolchain.tag,
    build,
    script: [COMPILE_UPLOADED],
    files: inputs.uploads
      .get(plugin)!
      .files.map((file) => ({ ...file, path: `plugin/${file.path}` })),
    name: NAME,
    uploaded: `the plugin of variant ${shownVariant(variant)}`,
    failure: (result) => uploadFailure(variant, result),
  });
}

function uploadFailure(variant: Variant, result: ScriptResult): QibenchError {
  if (result.exitStatus === NO_LIBRARY)
    return new QibenchError('PLUGIN_MISSING_OUTPUT', {
      variant: shownVariant(variant),
      file: `${NAME}, a regular file`,
    });
  return compileFailed(
    `the plugin of variant ${shownVariant(variant)}`,
    complaints(
      result.lines.map((line) => line.replace(/^\.\//, '')),
      PATHS.plugin,
    ),
    result,
  );
}
