// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { BranchName } from './project.js';
import { Digest } from './digest.js';

/** Version of a Debian package. */
const DebianVersion = z
  .string()
  .regex(
    /^(?:\d{1,3}:)?\d[A-Za-z0-9.+~-]{0,99}$/,
    'a version of a Debian source package, like 1:10.0.13+ds-0+deb13u1',
  );

const CommitId = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'a full commit id: 40 or 64 lower-case hex digits');

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256: 64 lower-case hex digits');

/** Schemes of the addresses of sources. */
export const SOURCE_SCHEMES = ['https:', 'http:', 'git:'] as const;

/** Characters that need no quoting in an address, in any program. */
const PLAIN_ADDRESS = /^[a-z]+:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~+-]+)+\/?$/;

/** Returns whether a text is the address of a file or repository, without a password or a query. */
export function isSourceAddress(text: string): boolean {
  return (
    PLAIN_ADDRESS.test(text) &&
    !/\/\.\.?(?:\/|$)/.test(text) &&
    URL.canParse(text) &&
    (SOURCE_SCHEMES as readonly string[]).includes(new URL(text).protocol)
  );
}

const address = (schemes: readonly string[]) =>
  z
    .string()
    .max(500)
    .refine(
      (text) => isSourceAddress(text) && schemes.some((scheme) => text.startsWith(scheme)),
      `an address (${schemes.join(', ')}) of letters, digits and . _ ~ + - /, ` +
        'without user, password, query or fragment',
    );

const KINDS = ['debian', 'git', 'tarball', 'upload'] as const;
const COMPANIONS = {
  debian: [],
  git: ['commit', 'ref', 'tag', 'subprojects'],
  tarball: ['sha256'],
  upload: [],
} as const;
const REVISIONS = ['commit', 'ref', 'tag'] as const;

/** How the submodules and wraps of a repository are had. */
const Subprojects = z.enum(['fetch', 'none']);

/**
 * Creates the schema of a source.
 * @param folder Schema of a reference to an uploaded tree.
 */
export const qemuSource = <F extends z.ZodType<string>>(folder: F) =>
  z
    .strictObject({
      debian: DebianVersion.optional().describe("exact version of the suite's source package"),
      git: address(SOURCE_SCHEMES).optional().describe('repository'),
      commit: CommitId.optional(),
      ref: BranchName.optional().describe('branch, or a full name like refs/merge-requests/1/head'),
      tag: BranchName.optional(),
      subprojects: Subprojects.optional().describe(
        'submodules and wraps that name a commit; default: "fetch"',
      ),
      tarball: address(['https:', 'http:'])
        .optional()
        .describe('address of a tar, packed with gzip, xz, zstd or not at all'),
      sha256: Sha256.optional().describe('of the tarball'),
      upload: folder.optional().describe('an uploaded source tree, which is a tar'),
    })
    .superRefine((source, context) => {
      const issue = (path: string[], message: string) =>
        context.addIssue({ code: 'custom', path, message });
      const kinds = KINDS.filter((kind) => source[kind] !== undefined);
      if (kinds.length !== 1) issue([], `has exactly one of ${KINDS.join(', ')}`);
      for (const kind of KINDS)
        for (const companion of COMPANIONS[kind])
          if (source[companion] !== undefined && source[kind] === undefined)
            issue([companion], `is only allowed with "${kind}"`);
      if (source.git !== undefined && REVISIONS.filter((name) => source[name]).length !== 1)
        issue(['git'], `needs exactly one of ${REVISIONS.join(', ')}`);
      if (source.tarball !== undefined && source.sha256 === undefined)
        issue(['sha256'], 'is required with "tarball"');
    });

/** A source of QEMU as a request names it. */
export const QemuSource = qemuSource(Digest);
export type QemuSource = z.infer<typeof QemuSource>;

/** A source of QEMU that is the same whenever it is fetched. */
export const PinnedSource = z.union([
  z.object({ debian: z.string() }),
  z.object({ git: z.string(), commit: z.string(), subprojects: Subprojects }),
  z.object({ tarball: z.string(), sha256: z.string() }),
  z.object({ upload: Digest }),
]);
export type PinnedSource = z.infer<typeof PinnedSource>;

/**
 * Returns the pinned form of a source.
 * @param commit Commit of its ref or tag; null if it is a repository whose commit is not known.
 */
export function pinnedSource(source: QemuSource, commit: string | null = null): PinnedSource {
  const { debian, git, tarball, upload, subprojects = 'fetch' } = source;
  if (debian !== undefined) return { debian };
  if (git !== undefined) return { git, commit: source.commit ?? commit!, subprojects };
  return tarball !== undefined ? { tarball, sha256: source.sha256! } : { upload: upload! };
}
