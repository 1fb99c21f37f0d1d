import { Readable } from 'node:stream';
import { QibenchError } from '../../services/contract/error.js';
import { BUILDER, BUILD_LIMITS, PATHS, type BuildContext } from './context.js';
import { digestOfValue } from './digest.js';
import { instrumentationErrors } from './compiler-messages.js';
import { lastLine, runScript, withContainer } from './script.js';
import { fileFromTar, packFiles } from './tar.js';
import type { Instrumentation } from './variant.js';

/** With a Makefile, the document's contract (QEMU_PATH, a libtool library); else every .c becomes one shared object. */
const COMPILE = `
cd ${PATHS.instrumentation}
if test -e Makefile; then
  make QEMU_PATH=${PATHS.prefix} QI_MODE=dynamic
  for library in .libs/libtrace-instrument.so libtrace-instrument.so; do
    test -e "$library" && cp -L "$library" /qemu/libtrace-instrument.so && exit 0
  done
  exit 9
fi
exec cc -O2 -Wall -fPIC -shared -pthread -I${PATHS.prefix}/include -I. -o /qemu/libtrace-instrument.so ./*.c
`;

const LIBRARY_LIMIT_BYTES = 64 * 1024 * 1024;
const KEPT_LIBRARIES = 16;
const libraries = new Map<string, Buffer>();

/**
 * Compile uploaded code to a library for `-instr file=`, against the headers of a dynamic build, in a container without network.
 * Errors: COMPILE_FAILED with file:line and message of each complaint, INSTRUMENTATION_MISSING_OUTPUT.
 */
export async function compileInstrumentation(context: BuildContext, options: { toolchain: string; build: { image: string; key: string }; instrumentation: Instrumentation }): Promise<{ content: Buffer; cached: boolean; key: string }> {
  const key = digestOfValue({ build: options.build.key, instrumentation: options.instrumentation.digest, script: COMPILE });
  const known = libraries.get(key);
  if (known !== undefined) return { content: known, cached: true, key };

  const headers = await headersOf(context, options.build.image);
  const spec = { image: options.toolchain, command: ['sh', '-ec', COMPILE], user: BUILDER, network: 'none' as const, pids: 128, memoryBytes: 2 * 1024 ** 3 };
  const content = await withContainer(context, spec, async (container) => {
    await context.backend.copyIn(container, PATHS.prefix, headers);
    await context.backend.copyIn(container, '/qemu', packFiles(options.instrumentation.files.map((file) => ({ ...file, path: `instrumentation/${file.path}` })), 1000));
    const result = await runScript(context, container, { step: 'instrumentation', what: 'libtrace-instrument.so', limitMs: BUILD_LIMITS.compileMs });
    if (result.exitStatus === 9) throw new QibenchError('INSTRUMENTATION_MISSING_OUTPUT', { file: 'libtrace-instrument.so or .libs/libtrace-instrument.so' });
    if (result.exitStatus !== 0) {
      const details = instrumentationErrors(result.lines.map((line) => line.replace(/^\.\//, '')), PATHS.instrumentation);
      const first = details[0];
      throw new QibenchError('COMPILE_FAILED', { first: first === undefined ? lastLine(result) : `${first.path}: ${first.message}` }, { details });
    }
    const library = await fileFromTar(await context.backend.copyOut(container, '/qemu/libtrace-instrument.so'), 'libtrace-instrument.so', LIBRARY_LIMIT_BYTES);
    if (library === null) throw new QibenchError('INSTRUMENTATION_MISSING_OUTPUT', { file: 'libtrace-instrument.so (a regular file)' });
    return library.content;
  });
  if (libraries.size >= KEPT_LIBRARIES) libraries.delete(libraries.keys().next().value!);
  libraries.set(key, content);
  return { content, cached: false, key };
}

async function headersOf(context: BuildContext, image: string): Promise<Readable> {
  const container = await context.backend.create({ image, command: ['true'], user: BUILDER, network: 'none', readOnlyRoot: false, memoryBytes: 64 * 1024 ** 2, pids: 8, labels: context.labels });
  try {
    const headers = await context.backend.copyOut(container, `${PATHS.prefix}/include`);
    const chunks: Buffer[] = [];
    for await (const chunk of headers as AsyncIterable<Buffer>) chunks.push(chunk);
    return Readable.from([Buffer.concat(chunks)]);
  } finally {
    await context.backend.remove(container);
  }
}
