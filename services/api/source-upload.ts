// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { SOURCE_FILE, SOURCE_LIMITS, type Upload } from '#contract/upload.js';
import type { WorkloadManifest } from '#contract/workload-upload.js';
import type { Access } from '#domain/access.js';
import { brokenChunks } from '#domain/workload-manifest.js';
import { knownChunks } from '#store/chunks.js';
import type { Store } from '#store/store.js';
import { saveChunked } from '#store/uploads.js';
import { manifestDigest } from './workload.js';

/**
 * Stores a source tree of QEMU, a tar whose chunks were sent, for a project. The name of the file
 * does not count, and a worker looks into the tar.
 * @throws {BAD_ARCHIVE} It is not one file within the limits, or a chunk was not sent.
 * @throws {QUOTA_EXCEEDED} The project's uploads would exceed its quota.
 */
export async function acceptSource(
  store: Store,
  { files: listed, chunks }: WorkloadManifest,
  access: Pick<Access, 'project' | 'quota'>,
): Promise<Upload> {
  const refuse = (reason: string) => new QibenchError('BAD_ARCHIVE', { reason });
  const [file] = listed;
  if (file === undefined || listed.length > 1) throw refuse('a source tree is one file, a tar');
  const { sizeBytes } = file;
  if (sizeBytes === 0 || sizeBytes > SOURCE_LIMITS.packedBytes)
    throw refuse(`${sizeBytes} bytes; 1 to ${SOURCE_LIMITS.packedBytes} are accepted`);
  const files = [{ path: SOURCE_FILE, sizeBytes }];
  const broken = brokenChunks(files, chunks, await knownChunks(store, chunks, access));
  if (broken !== null) throw refuse(broken);
  const digest = manifestDigest(files, chunks);
  return saveChunked(store, { digest, files, chunks, workload: null }, access);
}
