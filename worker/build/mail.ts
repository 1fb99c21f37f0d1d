// SPDX-License-Identifier: GPL-2.0-or-later
import tar from 'tar-stream';
import { pipeline } from 'node:stream/promises';
import { QibenchError } from '#contract/error.js';
import { isMailbox } from '#contract/upload.js';
import { BUILDER, type StepContext } from '../step-context.js';
import { ensureFetcher, fetcherCommand } from './fetcher.js';
import { lastLine, openContainer, runScript } from './script.js';
import { entriesOf, packFiles, readStream, type TarFile } from './tar.js';
import { readVersions } from './versions.js';

/** Limit for one patch; all of a series come from an upload of at most 8 MiB. */
const PATCH_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * Returns a series with the patches of its mbox files in their place. Mails are hostile: they are
 * read in a container without network. A series without mbox files stays as it is.
 *
 * @throws {PATCH_FAILED} A file has no patch, or lacks one of its thread.
 */
export async function withoutMail(
  context: StepContext,
  version: string,
  files: readonly TarFile[],
): Promise<readonly TarFile[]> {
  if (!files.some(({ path }) => isMailbox(path))) return files;
  const { suite } = (await readVersions(context.rootDir))[version]!;
  const limits = context.limits.patch;
  await using container = await openContainer(context, {
    image: await ensureFetcher(context, suite),
    command: fetcherCommand('series.py'),
    user: BUILDER,
    network: 'none',
    limits,
  });
  const uploaded = files.map((file) => ({ ...file, path: `uploaded/${file.path}` }));
  await context.backend.copyIn(container.id, '/qemu', packFiles(uploaded, 1000));
  const result = await runScript(context, container.id, {
    step: 'source',
    what: `mails of the patches for QEMU ${version}`,
    limits,
    uploaded: 'the patch series',
  });
  if (result.exitStatus !== 0) {
    const [, patch = '(mail)', reason = lastLine(result)] =
      result.lines
        .map((line) => /^QIBENCH-REFUSED (\S+) (.*)$/.exec(line))
        .find((match) => match !== null) ?? [];
    throw new QibenchError('PATCH_FAILED', { patch, version, reason });
  }
  return await patchesIn(context, container.id); // before the container is removed
}

async function patchesIn(context: StepContext, container: string): Promise<TarFile[]> {
  const extract = tar.extract();
  const piped = pipeline(await context.backend.copyOut(container, '/qemu/series'), extract);
  piped.catch(() => undefined); // the entries fail, too
  const files: TarFile[] = [];
  for await (const entry of entriesOf(extract)) {
    const { name, type } = entry.header;
    const content = await readStream(entry, name, PATCH_LIMIT_BYTES);
    if (type === 'file') files.push({ path: name.slice('series/'.length), content });
  }
  await piped;
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
