// SPDX-License-Identifier: GPL-2.0-or-later
import { createTar } from 'nanotar';
import { UPLOAD_LIMITS } from '#contract/constants.js';
import type { Upload } from '#contract/upload.js';
import { ApiError, sendTar } from '../../http/client.js';

export interface LocalFile {
  /** Path with folders, separated by /. */
  readonly path: string;
  readonly content: Blob;
}

/**
 * Packs files into a tar and uploads it. Leaves out hidden files and a folder around all files.
 * @throws {ApiError} The files are too large, or the service refuses them or does not answer.
 */
export async function uploadLocal(files: readonly LocalFile[]): Promise<Upload> {
  const visible = uploadedFiles(files);
  const entries = await Promise.all(
    visible.map(async ({ path, content }) => ({ name: path, data: await content.arrayBuffer() })),
  );
  return sendTar<Upload>('/v1/uploads', new Blob([createTar(entries) as Uint8Array<ArrayBuffer>]));
}

/**
 * Returns the files that are uploaded: without hidden files and a folder around all files.
 * @throws {ApiError} The files are too large.
 */
export function uploadedFiles(
  files: readonly LocalFile[],
  limitBytes: number = UPLOAD_LIMITS.unpackedBytes,
): readonly LocalFile[] {
  const visible = withoutOuterFolder(files).filter(
    ({ path }) => !path.split('/').some((segment) => segment.startsWith('.')),
  );
  if (visible.reduce((sum, { content }) => sum + content.size, 0) > limitBytes) {
    throw new ApiError(
      {
        code: 'TOO_LARGE',
        kind: 'user',
        message: `the files together are larger than ${limitBytes} bytes`,
        details: [],
      },
      413,
    );
  }
  return visible;
}

function withoutOuterFolder(files: readonly LocalFile[]): readonly LocalFile[] {
  const [outer, inner] = files[0]?.path.split('/') ?? [];
  if (inner === undefined || !files.every(({ path }) => path.startsWith(`${outer}/`))) return files;
  return files.map(({ path, content }) => ({ path: path.slice(outer!.length + 1), content }));
}

/** Returns the files that were chosen in a dialog. */
export function chosenFiles(list: FileList): LocalFile[] {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, content: file }));
}

/** Returns the files that were dropped, including those in folders. */
export async function droppedFiles(transfer: DataTransfer): Promise<LocalFile[]> {
  // The browser clears the dropped items after the first await.
  const dropped = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile()!);
  return (
    await Promise.all(
      dropped.map((item) =>
        item instanceof File ? [{ path: item.name, content: item }] : entryFiles(item),
      ),
    )
  ).flat();
}

async function entryFiles(entry: FileSystemEntry): Promise<LocalFile[]> {
  if (entry.isFile) {
    const content = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.slice(1), content }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(entryFiles))).flat();
}
