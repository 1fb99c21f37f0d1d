import tar from 'tar-stream';
import { isPatch } from '../contract/upload.js';

/** A file of a folder that is uploaded; `path` is relative to the folder. */
export interface FolderFile {
  readonly path: string;
  readonly content: Buffer;
}

/** Which files of a folder an upload takes: no hidden ones, and for patches nothing else, as a folder of patches may have notes. */
export function takes(field: string, path: string): boolean {
  return (
    !path.split('/').some((segment) => segment.startsWith('.')) &&
    (!field.endsWith('patches') || isPatch(path))
  );
}

/** A tar as `POST /v1/uploads` takes it; the same files give the same bytes. */
export async function packFiles(files: readonly FolderFile[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { path, content } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1)))
    pack.entry({ name: path, mode: 0o644, mtime: new Date(0) }, content);
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
