// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { PATHS, type StepContext } from '../step-context.js';
import { digestOfValue } from './digest.js';
import { compileFailed, complaints } from './compiler-messages.js';
import { NO_LIBRARY, compileLibrary } from './library.js';
import type { ScriptResult } from './script.js';
import type { UploadedFolder } from './tar.js';

/**
 * Runs the folder's Makefile by the documented contract (QEMU_PATH, a libtool library). Without a
 * Makefile, compiles every .c file into one shared object.
 */
const COMPILE = `
cd ${PATHS.instrumentation}
if test -e Makefile; then
  make QEMU_PATH=${PATHS.prefix} QI_MODE=dynamic
  for library in .libs/libtrace-instrument.so libtrace-instrument.so; do
    test -e "$library" && cp -L "$library" /qemu/libtrace-instrument.so && exit 0
  done
  exit ${NO_LIBRARY}
fi
exec cc -O2 -g1 -Wall -Werror=implicit-function-declaration -fPIC -shared -pthread \\
  -I${PATHS.prefix}/include -I. -o /qemu/libtrace-instrument.so ./*.c
`;

/**
 * Compiles uploaded code to a library for `-instr file=`, against the headers of a dynamic build.
 *
 * @throws {COMPILE_FAILED} The code does not compile; `details` has file:line and message of each error.
 * @throws {INSTRUMENTATION_MISSING_OUTPUT} The Makefile succeeds without a library.
 */
export async function compileInstrumentation(
  context: StepContext,
  options: {
    toolchain: string;
    build: { image: string; key: string };
    instrumentation: UploadedFolder;
  },
): Promise<{ content: Buffer; cached: boolean; key: string }> {
  const { build, instrumentation } = options;
  return compileLibrary(context, {
    key: digestOfValue({
      build: build.key,
      instrumentation: instrumentation.digest,
      script: COMPILE,
    }),
    image: options.toolchain,
    build,
    script: [COMPILE],
    files: instrumentation.files.map((file) => ({ ...file, path: `instrumentation/${file.path}` })),
    name: 'libtrace-instrument.so',
    uploaded: 'the instrumentation',
    failure,
  });
}

function failure(result: ScriptResult): QibenchError {
  if (result.exitStatus === NO_LIBRARY)
    return new QibenchError('INSTRUMENTATION_MISSING_OUTPUT', {
      file: 'libtrace-instrument.so or .libs/libtrace-instrument.so, a regular file',
    });
  return compileFailed(
    'the instrumentation',
    complaints(
      result.lines.map((line) => line.replace(/^\.\//, '')),
      PATHS.instrumentation,
    ),
    result,
  );
}
