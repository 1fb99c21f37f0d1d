// SPDX-License-Identifier: GPL-2.0-or-later
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { parse } from 'yaml';
import { BUNDLE_FILES, BundleExpected, BundleJob } from '#contract/bundle.js';
import { QibenchError } from '#contract/error.js';
import { missingChunks } from '#contract/missing-chunks.js';
import { SOURCE_FILE, type Upload } from '#contract/upload.js';
import { WORKLOAD_LIMITS, WorkloadManifest, type Chunk } from '#contract/workload-upload.js';
import type { Client } from './client.js';
import { completeJobId } from './job-id.js';
import { patient } from './workload-folder.js';

export interface Bundle {
  readonly job: BundleJob;
  readonly expected: BundleExpected;
  /** Upload archives by digest. */
  readonly uploads: ReadonlyMap<string, Buffer>;
  /** Files of uploaded workloads and source trees by digest. */
  readonly workloads: ReadonlyMap<string, WorkloadManifest>;
}

/** Receives the chunks of a bundle's workloads and source trees, which may be larger than the memory. */
export interface ChunkReceiver {
  /** Returns the chunks that it still needs. */
  missing(digests: readonly string[]): Promise<readonly string[]>;
  chunk(digest: string, packed: Buffer): Promise<void>;
}

const NO_CHUNKS: ChunkReceiver = {
  missing: () => Promise.resolve([]),
  chunk: () => Promise.resolve(),
};

/**
 * Loads a bundle from a file, or of a job from the service.
 * @param chunks Receives the chunks of workloads, once the job has been read; default: none.
 * @throws {BAD_BUNDLE} The bundle is malformed.
 * @throws An error of the file system when the file cannot be read.
 * @throws {ServiceError} The service rejects the request.
 */
export async function loadBundle(
  client: Client,
  jobOrFile: string,
  chunks?: ChunkReceiver,
): Promise<Bundle> {
  const file = await open(jobOrFile).catch((error: NodeJS.ErrnoException) => {
    // Anything that can be an id is one if no file has its name.
    if (error.code === 'ENOENT' && /^[0-9a-f-]+$/i.test(jobOrFile)) return null;
    throw Object.assign(error, { path: jobOrFile });
  });
  if (file !== null) return readBundle(jobOrFile, file.createReadStream(), chunks);
  const id = encodeURIComponent(await completeJobId(client, jobOrFile));
  const { body } = await client.open(`/v1/jobs/${id}/bundle`);
  return readBundle(jobOrFile, Readable.fromWeb(body as never), chunks);
}

/**
 * Reads the bundle in a tar.
 * @param file Name for the error.
 * @throws {BAD_BUNDLE} The bundle is malformed.
 * @throws An error of the file system when the bundle cannot be read.
 * @throws Errors of the receiver.
 */
export async function readBundle(
  file: string,
  packed: Readable,
  chunks: ChunkReceiver = NO_CHUNKS,
): Promise<Bundle> {
  let received: unknown = null;
  const guarded = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      received = error;
      throw error;
    });
  try {
    return await unpack(packed, {
      missing: (digests) => guarded(chunks.missing(digests)),
      chunk: (digest, bytes) => guarded(chunks.chunk(digest, bytes)),
    });
  } catch (error) {
    if (received !== null) throw received as Error;
    // A folder can be opened, and fails when it is read.
    if ((error as NodeJS.ErrnoException).errno !== undefined)
      throw Object.assign(error as Error, { path: file });
    throw new QibenchError(
      'BAD_BUNDLE',
      { file, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
}

async function unpack(packed: Readable, receiver: ChunkReceiver): Promise<Bundle> {
  const extract = tar.extract();
  const fed = pipeline(packed, extract);
  fed.catch(() => undefined); // the entries fail, too
  const files = new Map<string, Buffer>();
  let bundle: Bundle | null = null;
  let missing: ReadonlySet<string> = new Set();
  for await (const entry of extract) {
    const { name, type, size } = entry.header;
    // tar-stream waits forever for the end of an entry whose size it could not parse, and of a
    // folder that claims to have a size.
    if ((type !== 'file' && type !== 'directory') || !Number.isSafeInteger(size))
      throw new Error(`${name} is a ${type} of ${size} bytes`);
    const hex = /^chunks\/([0-9a-f]{64})\.gz$/.exec(name)?.[1];
    if (hex !== undefined && bundle === null) {
      bundle = bundleOf(files);
      const all = [...bundle.workloads.values()].flatMap(({ chunks }) => chunks);
      missing = new Set(await receiver.missing([...new Set(all)]));
    }
    const digest = `sha256:${hex}`;
    if (type === 'directory' || (hex !== undefined && !missing.has(digest))) {
      entry.resume();
      continue;
    }
    if (hex !== undefined && size! > WORKLOAD_LIMITS.packedChunkBytes)
      throw new Error(`${name} is larger than a chunk`);
    const pieces: Buffer[] = [];
    for await (const piece of entry as AsyncIterable<Buffer>) pieces.push(piece);
    if (hex === undefined) files.set(name, Buffer.concat(pieces));
    else await receiver.chunk(digest, Buffer.concat(pieces));
  }
  await fed;
  return bundle ?? bundleOf(files);
}

/** Returns the bundle in the files of a tar, which has all of them before the first chunk. */
function bundleOf(files: ReadonlyMap<string, Buffer>): Bundle {
  const text = (name: string) => {
    const content = files.get(name);
    if (content === undefined) throw new Error(`${name} is missing`);
    return content.toString('utf8');
  };
  const named = (end: string) =>
    [...files].flatMap(([name, content]) => {
      const hex = new RegExp(`^uploads/([0-9a-f]{64})\\.${end}$`).exec(name)?.[1];
      return hex === undefined ? [] : [[`sha256:${hex}`, content] as const];
    });
  return {
    job: BundleJob.parse(parse(text(BUNDLE_FILES.job))),
    expected: BundleExpected.parse(JSON.parse(text(BUNDLE_FILES.expected))),
    uploads: new Map(named('tar')),
    workloads: new Map(
      named('json').map(([digest, content]) => [
        digest,
        WorkloadManifest.parse(JSON.parse(content.toString('utf8'))),
      ]),
    ),
  };
}

/**
 * Returns a receiver that sends the chunks of a bundle to a service.
 * @throws {BAD_BUNDLE} A chunk does not have the digest in its name (thrown by the receiver).
 */
export function chunkSender(client: Client, file: string): ChunkReceiver {
  const service = patient(client);
  return {
    missing: (digests) => missingChunks(service, digests),
    async chunk(named, packed) {
      const { digest } = await service.upload<Chunk>('/v1/chunks', packed, 'application/gzip');
      if (digest !== named) throw wrongDigest(file, `chunk ${named}`, digest);
    },
  };
}

function wrongDigest(file: string, what: string, digest: string): QibenchError {
  return new QibenchError('BAD_BUNDLE', { file, reason: `the ${what} has the digest ${digest}` });
}

/**
 * Sends the uploads of a bundle to a service, which has the chunks of its workloads.
 * @throws {BAD_BUNDLE} An upload does not have the digest in its name.
 */
export async function sendUploads(client: Client, file: string, bundle: Bundle): Promise<void> {
  for (const [named, archive] of bundle.uploads) {
    const { digest } = await client.upload<Upload>('/v1/uploads', archive);
    if (digest !== named) throw wrongDigest(file, `upload ${named}`, digest);
  }
  for (const [named, manifest] of bundle.workloads) {
    const isSource = manifest.files[0]?.path === SOURCE_FILE;
    const path = isSource ? '/v1/sources' : '/v1/workloads';
    const { digest } = await client.post<Upload>(path, manifest);
    if (digest !== named)
      throw wrongDigest(file, `${isSource ? 'source' : 'workload'} ${named}`, digest);
  }
}
