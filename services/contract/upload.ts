// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Digest } from './digest.js';
import { WorkloadUpload } from './workload-upload.js';

export { SOURCE_LIMITS, UPLOAD_LIMITS } from './constants.js';
export { Digest } from './digest.js';

/**
 * `code`: an instrumentation or a plugin; `patches`: only *.patch, *.diff and *.mbox files. The names of
 * the files decide. `workload`: a guest with its workload.yaml, sent in chunks. `source`: a tar of a
 * source tree of QEMU, sent in chunks.
 */
export const UploadKind = z.enum(['code', 'patches', 'workload', 'source']);
export type UploadKind = z.infer<typeof UploadKind>;

/** Returns whether a file of an upload belongs to a patch series. */
export function isPatch(path: string): boolean {
  return /^[^/]+\.(?:patch|diff|mbox)$/.test(path);
}

/** Returns whether a file of a patch series holds mails. */
export function isMailbox(path: string): boolean {
  return path.endsWith('.mbox');
}

/** Name of the only file of an uploaded source tree. */
export const SOURCE_FILE = 'source.tar';

/** Returns the kind of an upload that is not a workload. */
export function kindOfUpload(files: readonly { readonly path: string }[]): UploadKind {
  if (files.length === 1 && files[0]!.path === SOURCE_FILE) return 'source';
  return files.length > 0 && files.every(({ path }) => isPatch(path)) ? 'patches' : 'code';
}

/**
 * A stored instrumentation, plugin, patch series, workload or source tree, named by the digest of its files (not
 * of the tar that carried them). It has no time: that would tell that another project sent it before.
 */
export const Upload = z.object({
  digest: Digest,
  kind: UploadKind,
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number().int() })),
  workload: WorkloadUpload.optional().describe('absent: another kind of upload'),
});
export type Upload = z.infer<typeof Upload>;
