// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import type { Upload } from '#contract/upload.js';
import { packFiles, type TarFile } from '#worker/build/tar.js';

/** Uploads these files as an instrumentation folder. */
export async function uploadFiles(client: Client, files: readonly TarFile[]): Promise<Upload> {
  const chunks: Buffer[] = [];
  for await (const chunk of packFiles(files)) chunks.push(chunk as Buffer);
  return client.upload<Upload>('/v1/uploads', Buffer.concat(chunks));
}
