// SPDX-License-Identifier: GPL-2.0-or-later
import type { QibenchError } from '#contract/error.js';
import { BUILDER, PATHS, type StepContext } from '../step-context.js';
import { runScript, shell, openContainer, type ScriptResult } from './script.js';
import { fileFromTar, packFiles, readStream, type TarFile } from './tar.js';

/** Exit status of a script that succeeded without writing a library. */
export const NO_LIBRARY = 9;

const LIBRARY_LIMIT_BYTES = 64 * 1024 * 1024;
const HEADERS_LIMIT_BYTES = 64 * 1024 * 1024;
const KEPT_LIBRARIES = 16;
const libraries = new Map<string, Buffer>();

/** A library to compile. */
export interface LibraryRequest {
  /** Digest of all inputs. */
  readonly key: string;
  readonly image: string;
  /** Build whose installed headers the library is compiled against. */
  readonly build: { readonly image: string };
  /** `sh -ec` script with its arguments; it writes the library to /qemu/<name>. */
  readonly script: readonly string[];
  /** Files that are copied into /qemu. */
  readonly files: readonly TarFile[];
  readonly name: string;
  /** Name of the uploaded code in error messages; null: only our own code is compiled. */
  readonly uploaded: string | null;
  /**
   * Creates the error for a failed script. Exit status NO_LIBRARY also stands for an output that is
   * not a regular file.
   */
  readonly failure: (result: ScriptResult) => QibenchError;
}

/**
 * Compiles a shared object for QEMU to load, in a container without network. The most recent
 * libraries are cached in memory.
 */
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

/** Returns a tar of a build's headers. It is hostile: uploaded patches may be in the build. */
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
