// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { PinnedSource } from '#contract/source.js';
import { allowsSource, originOf } from '#contract/source-hosts.js';
import { sourceWords } from '#contract/source-words.js';
import { LABEL } from '../engine/engine.js';
import { track } from '../job/progress.js';
import { BUILDER, PATHS, type StepContext } from '../step-context.js';
import { buildOnce } from './build-once.js';
import { digestOfFolder, digestOfValue } from './digest.js';
import { ensureFetcher, fetcherCommand, fetcherFolder } from './fetcher.js';
import type { Source } from './patched.js';
import { repackTree } from './repacked-tree.js';
import { lastLine, openContainer, runScript, type ScriptResult } from './script.js';
import type { VersionEntry } from './versions.js';
import { packWorkload, type WorkloadFiles } from './workload-files.js';

/** Volume with the mirrors of repositories. */
export const MIRRORS = 'qibench-mirrors';
const SOURCE_LABEL = 'qibench.source';
/** Exit statuses of fetch.py. */
const REFUSED = 3;
const UNAVAILABLE = 4;

/** A source that comes from a network or an upload. */
export type FetchedSource = Exclude<PinnedSource, { debian: string }>;

/** Inputs of a fetch, beside the source. */
interface FetchInputs {
  readonly entry: VersionEntry;
  readonly toolchain: { readonly tag: string; readonly key: string };
  /** Hosts that the operator allows. */
  readonly hosts: readonly string[];
  /** Opens an uploaded tree by its digest. */
  readonly openUpload: (digest: string) => Promise<WorkloadFiles>;
}

/**
 * Returns the image with a fetched source at /qemu/src: the toolchain's, in which nothing of the
 * source has run. The digest is of the source's files, however they came.
 *
 * @throws {UNKNOWN_UPLOAD} An uploaded tree is no longer stored.
 * @throws {SOURCE_REFUSED} The source, or a subproject, breaks a rule.
 * @throws {SOURCE_UNAVAILABLE} A server does not answer.
 * @throws {OVER_LIMIT} The source is too large.
 */
export async function ensureFetched(
  context: StepContext,
  source: FetchedSource,
  inputs: FetchInputs,
): Promise<Source> {
  const { toolchain, hosts } = inputs;
  const what = sourceWords(source);
  const key = digestOfValue({
    source,
    toolchain: toolchain.key,
    fetcher: await digestOfFolder(fetcherFolder(context)),
  });
  const tag = `qibench/source:fetched-${key}`;
  checkHost(source, hosts);
  await track(context.progress, 'source', what, async () => {
    // One fetch at a time writes to the mirrors of a repository.
    const name = `source-${'git' in source ? digestOfValue(source.git) : key}`;
    const cached = await buildOnce(context, { tag, step: 'source', name }, () =>
      fetch(context, source, inputs, { tag, what }),
    );
    return { cached, key };
  });
  const labels = await context.backend.imageLabels(tag);
  return { tag, digest: labels[SOURCE_LABEL]!, patches: null, uploaded: `the source ${what}` };
}

async function fetch(
  context: StepContext,
  source: FetchedSource,
  { entry, toolchain, hosts, openUpload }: FetchInputs,
  { tag, what }: { tag: string; what: string },
): Promise<void> {
  const limits = context.limits.source;
  const asked = JSON.stringify({ source, origins: hosts.map(originOf) });
  if ('git' in source) await context.backend.createVolume(MIRRORS, {});
  await using container = await openContainer(context, {
    image: await ensureFetcher(context, entry.suite),
    command: fetcherCommand('fetch.py', asked),
    user: BUILDER,
    network: 'upload' in source ? 'none' : 'sources',
    limits,
    mounts: 'git' in source ? [{ volume: MIRRORS, path: '/mirror', readOnly: false }] : [],
  });
  if ('upload' in source) {
    const files = await openUpload(source.upload);
    await context.backend.copyIn(container.id, '/qemu', packWorkload(files, '', 1000));
  }
  const result = await runScript(context, container.id, {
    step: 'source',
    what,
    limits,
    uploaded: `the source ${what}`,
  });
  if (result.exitStatus !== 0) throw failure(what, result);
  const tree = repackTree(await context.backend.copyOut(container.id, PATHS.source));
  // The fetcher's own files stay behind.
  await using clean = await openContainer(context, {
    image: toolchain.tag,
    command: ['true'],
    user: BUILDER,
    network: 'none',
    limits,
  });
  await context.backend.copyIn(clean.id, '/qemu', tree.tar);
  const digest = tree.digest();
  await context.backend.commit(clean.id, tag, {
    [SOURCE_LABEL]: digest,
    [LABEL.key]: digest,
  });
}

/** The service has checked the host too; a worker may have another list. */
function checkHost(source: FetchedSource, hosts: readonly string[]): void {
  const address = 'git' in source ? source.git : 'tarball' in source ? source.tarball : null;
  if (address !== null && !allowsSource(hosts, address))
    throw new QibenchError('SOURCE_REFUSED', {
      source: sourceWords(source),
      reason: "the worker's QIBENCH_SOURCE_HOSTS does not have its host",
    });
}

function failure(what: string, result: ScriptResult): QibenchError {
  const said = (word: string) =>
    result.lines.find((line) => line.startsWith(`QIBENCH-${word} `))?.slice(word.length + 9);
  const code = result.exitStatus === REFUSED ? 'SOURCE_REFUSED' : 'SOURCE_UNAVAILABLE';
  const reason = said(result.exitStatus === UNAVAILABLE ? 'UNAVAILABLE' : 'REFUSED');
  return new QibenchError(code, { source: what, reason: reason ?? lastLine(result) });
}
