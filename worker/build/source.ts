// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { BUILDER, type StepContext } from '../step-context.js';
import { digestOfValue } from './digest.js';
import { sourceWords } from '#contract/source-words.js';
import { lastLine, runScript, shell, openContainer } from './script.js';
import { track } from '../job/progress.js';
import { LABEL, UPLOADED_CONTENT } from '../engine/engine.js';
import { buildOnce } from './build-once.js';
import type { Source } from './patched.js';
import type { VersionEntry } from './versions.js';

const SOURCE_LABEL = 'qibench.source';

/** Exit status of FETCH: the archive does not list the version. */
const NOT_LISTED = 3;

/**
 * Fetches and unpacks a Debian source package. apt checks the archive's signature and every file's
 * digest. The .dsc lists all files by digest, so its own digest identifies the source.
 * Arguments: package, version prefix, exact version or nothing.
 */
const FETCH = `
cd /qemu && apt-get update -qq
version=$(apt-cache showsrc "$1" | sed -n 's/^Version: //p' | grep -F "$2" |
  if test -n "$3"; then grep -Fx "$3"; else sort -V; fi | tail -n 1)
test -n "$version" || { echo "the archive has no $1 \${3:-$2}"; exit ${NOT_LISTED}; }
apt-get source --download-only -qq "$1=$version"
dpkg-source --no-check -x ./*.dsc src
chown -R ${BUILDER} /qemu
echo "QIBENCH-SOURCE $version sha256:$(sha256sum ./*.dsc | cut -d' ' -f1)"
`;

/**
 * Returns the image with a version's unpacked source at /qemu/src, and the source's digest. The
 * source is fetched once per engine.
 *
 * @param exact Exact version of the package; null: the newest that the archive has.
 * @throws {SOURCE_REFUSED} The archive does not have the exact version.
 * @throws {SOURCE_UNAVAILABLE} The archive does not answer.
 * @throws {SOURCE_DIGEST_MISMATCH} The package differs from versions.json.
 */
export async function ensureSource(
  context: StepContext,
  version: string,
  entry: VersionEntry,
  toolchain: { tag: string; key: string },
  exact: string | null = null,
): Promise<Source> {
  const { source } = entry;
  const pinned = exact === null ? {} : { exact };
  const key = digestOfValue({ source, toolchain: toolchain.key, ...pinned });
  const chosen = exact !== null || UPLOADED_CONTENT.test(toolchain.tag);
  const tag = `qibench/source:${version}-${chosen ? 'chosen-' : ''}${key}`;
  const what = exact === null ? `QEMU ${version}` : sourceWords({ debian: exact });
  await track(context.progress, 'source', what, async () => {
    const cached = await buildOnce(
      context,
      { tag, step: 'source', name: `source-${version}` },
      async () => {
        const spec = {
          image: toolchain.tag,
          command: shell(FETCH, source.package, source.versionPrefix, exact ?? ''),
          user: '0:0',
          network: 'archive' as const,
          limits: context.limits.source,
        };
        await using container = await openContainer(context, { ...spec, workingDir: '/' });
        const result = await runScript(context, container.id, {
          step: 'source',
          what,
          limits: context.limits.source,
          uploaded: null,
        });
        const found = result.lines
          .map((line) => /^QIBENCH-SOURCE (\S+) (sha256:[0-9a-f]{64})$/.exec(line))
          .find((match) => match !== null);
        if (result.exitStatus !== 0 || found === undefined)
          throw new QibenchError(
            exact !== null && result.exitStatus === NOT_LISTED
              ? 'SOURCE_REFUSED'
              : 'SOURCE_UNAVAILABLE',
            { source: what, reason: lastLine(result) },
          );
        const [, packageVersion, digest] = found as unknown as [string, string, string];
        checkKnown(context, entry, packageVersion, digest);
        await context.backend.commit(container.id, tag, {
          [SOURCE_LABEL]: digest,
          [LABEL.key]: digest,
        });
      },
    );
    return { cached, key: null };
  });
  const labels = await context.backend.imageLabels(tag);
  return { tag, digest: labels[SOURCE_LABEL]!, patches: null, uploaded: null };
}

/**
 * Checks the digest of a package version that versions.json lists. A version that is missing there
 * is accepted, because the archive signed it, and logged.
 */
function checkKnown(
  context: StepContext,
  entry: VersionEntry,
  packageVersion: string,
  digest: string,
): void {
  const expected = entry.source.known[packageVersion];
  if (expected === undefined) {
    context.progress.log(
      'source',
      `${entry.source.package} ${packageVersion} is missing in versions.json; ` +
        "only the archive's signature vouches for it\n",
    );
  } else if (`sha256:${expected}` !== digest) {
    throw new QibenchError('SOURCE_DIGEST_MISMATCH', {
      name: `${entry.source.package} ${packageVersion}`,
      actual: digest,
      expected,
    });
  }
}
