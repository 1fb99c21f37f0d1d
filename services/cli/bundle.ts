// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { parse } from 'yaml';
import { BUNDLE_FILES, BundleExpected, BundleJob } from '#contract/bundle.js';
import { QibenchError } from '#contract/error.js';
import type { Upload } from '#contract/upload.js';
import type { Client } from './client.js';
import { completeJobId } from './job-id.js';

export interface Bundle {
  readonly job: BundleJob;
  readonly expected: BundleExpected;
  /** Upload archives by digest. */
  readonly uploads: ReadonlyMap<string, Buffer>;
}

/**
 * Loads a bundle from a file, or of a job from the service.
 * @throws {BAD_BUNDLE} The bundle is malformed.
 * @throws An error of the file system when the file cannot be read.
 * @throws {ServiceError} The service rejects the request.
 */
export async function loadBundle(client: Client, jobOrFile: string): Promise<Bundle> {
  const file = await readFile(jobOrFile).catch((error: NodeJS.ErrnoException) => {
    // Anything that can be an id is one if no file has its name.
    if (error.code === 'ENOENT' && /^[0-9a-f-]+$/i.test(jobOrFile)) return null;
    throw Object.assign(error, { path: jobOrFile });
  });
  const packed =
    file ??
    Buffer.from(
      await (
        await client.open(
          `/v1/jobs/${encodeURIComponent(await completeJobId(client, jobOrFile))}/bundle`,
        )
      ).arrayBuffer(),
    );
  return readBundle(jobOrFile, packed);
}

/**
 * Reads the bundle in a tar.
 * @param file Name for the error.
 * @throws {BAD_BUNDLE} The bundle is malformed.
 */
export async function readBundle(file: string, packed: Buffer): Promise<Bundle> {
  try {
    return await unpack(packed);
  } catch (error) {
    throw new QibenchError(
      'BAD_BUNDLE',
      { file, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
}

async function unpack(packed: Buffer): Promise<Bundle> {
  const files = new Map<string, Buffer>();
  const extract = tar.extract();
  Readable.from([packed]).pipe(extract);
  for await (const entry of extract) {
    const { name, type, size } = entry.header;
    // tar-stream waits forever for the end of an entry whose size it could not parse, and of a
    // folder that claims to have a size.
    if ((type !== 'file' && type !== 'directory') || !Number.isSafeInteger(size))
      throw new Error(`${name} is a ${type} of ${size} bytes`);
    if (type === 'directory') {
      entry.resume();
      continue;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    files.set(name, Buffer.concat(chunks));
  }
  const text = (name: string) => {
    const content = files.get(name);
    if (content === undefined) throw new Error(`${name} is missing`);
    return content.toString('utf8');
  };
  const uploads = [...files].flatMap(([name, content]) => {
    const hex = /^uploads\/([0-9a-f]{64})\.tar$/.exec(name)?.[1];
    return hex === undefined ? [] : [[`sha256:${hex}`, content] as const];
  });
  return {
    job: BundleJob.parse(parse(text(BUNDLE_FILES.job))),
    expected: BundleExpected.parse(JSON.parse(text(BUNDLE_FILES.expected))),
    uploads: new Map(uploads),
  };
}

/**
 * Sends the uploads of a bundle to a service.
 * @throws {BAD_BUNDLE} An upload does not have the digest in its name.
 */
export async function sendUploads(client: Client, file: string, bundle: Bundle): Promise<void> {
  for (const [named, archive] of bundle.uploads) {
    const { digest } = await client.upload<Upload>('/v1/uploads', archive);
    if (digest !== named)
      throw new QibenchError('BAD_BUNDLE', {
        file,
        reason: `the upload ${named} has the digest ${digest}`,
      });
  }
}
