// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { changedFiles, patchComplaints } from '#contract/patch-text.js';
import { LABEL } from '../engine/engine.js';
import { buildOnce } from './build-once.js';
import { BUILDER, PATHS, type StepContext } from '../step-context.js';
import { digestOfValue } from './digest.js';
import { withoutMail } from './mail.js';
import { runScript, shell, openContainer } from './script.js';
import { packFiles, type TarFile, type UploadedFolder } from './tar.js';
import { track } from '../job/progress.js';

/** The unpacked source of one QEMU version. */
export interface Source {
  readonly tag: string;
  readonly digest: string;
  /** Uploaded patch series that was applied; null: the source is unmodified. */
  readonly patches: UploadedFolder | null;
  /** Name, for error messages, of code of users in it; null: only Debian's. */
  readonly uploaded: string | null;
}

/** Accepts unified diffs only: patch(1) would pass an ed script to ed. */
const PATCH = `
cd ${PATHS.source}
export LC_ALL=C
for patch in /qemu/uploaded/*; do
  patch -p1 -u -f --no-backup-if-mismatch -r - < "$patch" || { echo "QIBENCH-PATCH $(basename "$patch")"; exit 4; }
done
`;

/**
 * Applies an uploaded patch series to a source, in the order of the file names, and caches the
 * result as an image. Patches are hostile: they are applied as the builder, in a container without
 * network.
 *
 * @throws {PATCH_FAILED} A patch does not apply; the error names it.
 */
export async function patchSource(
  context: StepContext,
  version: string,
  source: Source,
  patches: UploadedFolder,
): Promise<Source> {
  const inputs = { patches: patches.digest, script: PATCH };
  // The image has the compilers of its source's image; the digest is of the files alone.
  const key = digestOfValue({ ...inputs, source: source.tag });
  const patched = {
    tag: `qibench/source:${version}-patched-${key}`,
    digest: `sha256:${digestOfValue({ ...inputs, source: source.digest })}`,
    patches,
    uploaded: 'QEMU with the patches',
  };
  await track(
    context.progress,
    'source',
    `QEMU ${version} with ${patches.files.length} patches`,
    async () => {
      const cached = await buildOnce(
        context,
        { tag: patched.tag, step: 'source', name: `source-${key}` },
        () => applyPatches(context, version, source, patched, key),
      );
      return { cached, key };
    },
  );
  return patched;
}

async function applyPatches(
  context: StepContext,
  version: string,
  source: Source,
  { tag, patches }: Source & { readonly patches: UploadedFolder },
  key: string,
): Promise<void> {
  const spec = {
    image: source.tag,
    command: shell(PATCH),
    user: BUILDER,
    network: 'none' as const,
    limits: context.limits.patch,
  };
  const { applied, skipped } = seriesOf(await withoutMail(context, version, patches.files));
  for (const path of skipped) context.progress.log('source', `${path}: has no change, skipped\n`);
  if (applied.length === 0)
    throw new QibenchError('PATCH_FAILED', {
      patch: skipped.join(', '),
      version,
      reason: 'it has no change, and the series has no other patch',
    });
  await using container = await openContainer(context, spec);
  await context.backend.copyIn(
    container.id,
    '/qemu',
    packFiles(
      applied.map((file) => ({ ...file, path: `uploaded/${file.path}` })),
      1000,
    ),
  );
  const result = await runScript(context, container.id, {
    step: 'source',
    what: `patches for QEMU ${version}`,
    limits: context.limits.patch,
    uploaded: 'the patch series',
  });
  if (result.exitStatus !== 0) throw patchFailed(version, result.lines);
  await context.backend.commit(container.id, tag, { [LABEL.key]: key });
}

/**
 * Splits a series into the patches to apply and the files that change nothing: cover letters, which
 * may quote diffs, and patches of empty commits.
 */
export function seriesOf(files: readonly TarFile[]): {
  readonly applied: readonly TarFile[];
  readonly skipped: readonly string[];
} {
  const empty = files.filter(({ content }) => changesNothing(content.toString()));
  return {
    applied: files.filter((file) => !empty.includes(file)),
    skipped: empty.map(({ path }) => path),
  };
}

function changesNothing(text: string): boolean {
  const head = text.split(/\r?\n\r?\n/, 1)[0]!;
  if (/^Subject: \[[^\]]*\b0+\/\d+\]/m.test(head)) return true;
  return (
    /^From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001$/m.test(head) &&
    !/^(?:diff |Index: |--- |\+\+\+ |\*\*\* |@@ )/m.test(text)
  );
}

function patchFailed(version: string, lines: readonly string[]): QibenchError {
  const patch =
    lines
      .map((line) => /^QIBENCH-PATCH (.+)$/.exec(line)?.[1])
      .find((name) => name !== undefined) ?? '(none)';
  const complaints = patchComplaints(lines);
  const details = complaints.slice(0, 20).map((message) => ({ path: patch, message }));
  return new QibenchError(
    'PATCH_FAILED',
    { patch, version, reason: complaints[0] ?? lines.at(-2) ?? 'patch printed nothing' },
    { details },
  );
}

/**
 * Creates the error for one of our patches (or the overlay) that does not fit a patched source. It
 * names the uploaded patches that change the same files.
 *
 * @returns Null if no uploaded patch changes the same files.
 */
export function patchConflict(
  patch: { readonly name: string; readonly changes: readonly string[] },
  uploaded: UploadedFolder,
  reason: string,
): QibenchError | null {
  const shared = uploaded.files
    .map(({ path, content }) => ({
      path,
      files: changedFiles(content.toString()).filter((file) => patch.changes.includes(file)),
    }))
    .filter(({ files }) => files.length > 0);
  if (shared.length === 0) return null;
  const details = shared.flatMap(({ path, files }) =>
    files.map((file) => ({ path, message: `changes ${file}, which ${patch.name} changes too` })),
  );
  const names = (values: readonly string[]) => [...new Set(values)].join(', ');
  return new QibenchError(
    'PATCH_CONFLICT',
    {
      patch: names(shared.map(({ path }) => path)),
      files: names(shared.flatMap(({ files }) => files)),
      own: patch.name,
      reason,
    },
    { details },
  );
}
