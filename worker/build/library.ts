import type { QibenchError } from '../../services/contract/error.js';
import { BUILDER, PATHS, type StepContext } from '../step-context.js';
import { runScript, shell, openContainer, type ScriptResult } from './script.js';
import { fileFromTar, packFiles, readStream, type TarFile } from './tar.js';

/** Exit status of a script that compiled, but left no library. */
export const NO_LIBRARY = 9;

const LIBRARY_LIMIT_BYTES = 64 * 1024 * 1024;
const HEADERS_LIMIT_BYTES = 64 * 1024 * 1024;
const KEPT_LIBRARIES = 16;
const libraries = new Map<string, Buffer>();

export interface LibraryRequest {
  /** Digest of everything that goes in. */
  readonly key: string;
  readonly image: string;
  /** The build whose installed headers it is compiled against. */
  readonly build: { readonly image: string };
  /** `sh -ec` script with its arguments; it leaves the library at /qemu/<name>. */
  readonly script: readonly string[];
  /** What is put into /qemu. */
  readonly files: readonly TarFile[];
  readonly name: string;
  /** Whose code it is, as errors call it; null: ours. */
  readonly uploaded: string | null;
  /** What it means that the script ended like this, or with NO_LIBRARY because what it left is no regular file. */
  readonly failure: (result: ScriptResult) => QibenchError;
}

/** A shared object for QEMU to load, compiled in a container without network; the last ones are kept. */
export async function compileLibrary(
  context: StepContext,
  request: LibraryRequest,
): Promise<{ content: Buffer; cached: boolean; key: string }> {
  const { key, name } = request;
  const known = libraries.get(key);
  if (known !== undefined) return { content: known, cached: true, key };

  const headers = await headersOf(context, request.build.image);
  const limits = context.limits.library;
  const [script, ...scriptArguments] = request.script;
  const spec = {
    image: request.image,
    command: shell(script!, ...scriptArguments),
    user: BUILDER,
    network: 'none' as const,
    limits,
  };
  await using container = await openContainer(context, spec);
  await context.backend.copyIn(container.id, PATHS.prefix, headers);
  if (request.files.length > 0)
    await context.backend.copyIn(container.id, '/qemu', packFiles(request.files, 1000));
  const result = await runScript(context, container.id, {
    step: 'instrumentation',
    what: name,
    limits,
    uploaded: request.uploaded,
  });
  if (result.exitStatus !== 0) throw request.failure(result);
  const library = await fileFromTar(
    await context.backend.copyOut(container.id, `/qemu/${name}`),
    name,
    LIBRARY_LIMIT_BYTES,
  );
  if (library === null) throw request.failure({ exitStatus: NO_LIBRARY, lines: [] });
  const { content } = library;
  if (libraries.size >= KEPT_LIBRARIES) libraries.delete(libraries.keys().next().value!);
  libraries.set(key, content);
  return { content, cached: false, key };
}

/** Of a build that uploaded patches may have been in. */
async function headersOf(context: StepContext, image: string): Promise<Buffer> {
  const spec = {
    image,
    command: ['true'],
    user: BUILDER,
    network: 'none' as const,
    limits: context.limits.small,
  };
  await using container = await openContainer(context, spec);
  return await readStream(
    await context.backend.copyOut(container.id, `${PATHS.prefix}/include`),
    'the headers of the build',
    HEADERS_LIMIT_BYTES,
  );
}
