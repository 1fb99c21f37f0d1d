import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { filesOf } from './digest.js';

export interface TarFile {
  readonly path: string;
  readonly content: Buffer | string;
  readonly executable?: boolean;
}

/** What somebody uploaded: code to be compiled in a container. Hostile. */
export interface UploadedFolder {
  readonly digest: string;
  readonly files: readonly TarFile[];
}

/** A tar of these files, owned by `uid`, as new as can be: make and ninja compare times. Parent folders are entries too. */
export function packFiles(files: readonly TarFile[], uid = 0): Readable {
  const pack = tar.pack();
  const mtime = new Date();
  const folders = new Set<string>();
  for (const { path, content, executable } of files) {
    const segments = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= segments.length; depth++) {
      const name = segments.slice(0, depth).join('/');
      if (folders.has(name)) continue;
      folders.add(name);
      pack.entry({ name: `${name}/`, type: 'directory', mode: 0o755, uid, gid: uid, mtime });
    }
    pack.entry({ name: path, mode: executable ? 0o755 : 0o644, uid, gid: uid, mtime }, content);
  }
  pack.finalize();
  return Readable.from(pack as AsyncIterable<Buffer>);
}

/** All files of a folder, each path prefixed. */
export async function readFolder(folder: string, prefix = ''): Promise<TarFile[]> {
  return Promise.all(
    (await filesOf(folder)).map(async (path) => ({
      path: prefix + path,
      content: await readFile(join(folder, path)),
      executable: ((await stat(join(folder, path))).mode & 0o100) !== 0,
    })),
  );
}

/** The content and SHA-256 of one regular file in a tar, or null; reads the tar to its end. */
export async function fileFromTar(stream: Readable, name: string, limitBytes: number): Promise<{ content: Buffer; sha256: string } | null> {
  const extract = tar.extract();
  stream.on('error', (error) => extract.destroy(error));
  stream.pipe(extract);
  let found: { content: Buffer; sha256: string } | null = null;
  for await (const entry of extract) {
    if (entry.header.type !== 'file' || entry.header.name.replace(/^\.\//, '') !== name) {
      entry.resume();
      continue;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw new Error(`${name} is larger than ${limitBytes} bytes`);
      chunks.push(chunk);
    }
    const content = Buffer.concat(chunks);
    found = { content, sha256: createHash('sha256').update(content).digest('hex') };
  }
  return found;
}
