// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { DIGEST_PATTERN } from './constants.js';

export { UPLOAD_LIMITS } from './constants.js';

/** Name of any content: `sha256:` and 64 hexadecimal digits. */
export const Digest = z
  .string()
  .regex(DIGEST_PATTERN, 'a digest: sha256: and 64 hexadecimal digits');
export type Digest = z.infer<typeof Digest>;

/**
 * `code`: an instrumentation or a plugin; `patches`: only *.patch and *.diff files. The names of
 * the files decide.
 */
export const UploadKind = z.enum(['code', 'patches']);
export type UploadKind = z.infer<typeof UploadKind>;

/** Returns whether a file of an upload belongs to a patch series. */
export function isPatch(path: string): boolean {
  return /^[^/]+\.(patch|diff)$/.test(path);
}

export function kindOfUpload(files: readonly { readonly path: string }[]): UploadKind {
  return files.length > 0 && files.every(({ path }) => isPatch(path)) ? 'patches' : 'code';
}

/**
 * A stored instrumentation, plugin or patch series, named by the digest of its files (not of the
 * tar that carried them). It has no time: that would tell that another project sent it before.
 */
export const Upload = z.object({
  digest: Digest,
  kind: UploadKind,
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number().int() })),
});
export type Upload = z.infer<typeof Upload>;
