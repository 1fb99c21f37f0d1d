// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { stringify } from 'yaml';
import { BUNDLE_FILES, type BundleExpected } from '#contract/bundle.js';
import type { JobComparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import type { WorkloadManifest } from '#contract/workload-upload.js';
import { resolvedRequest } from '#domain/resolved-request.js';
import { uploadsOfJob } from '#domain/uploads.js';
import { listBuilds } from '#store/builds.js';
import { chunksOf, readChunk } from '#store/chunks.js';
import { listHosts } from '#store/hosts.js';
import type { Store } from '#store/store.js';
import { findUpload, readUploadTar } from '#store/uploads.js';

/**
 * Packs a tar with the inputs that reproduce a job, and with its results. The tar is a stream, since
 * the uploads of a job may take gigabytes.
 */
export async function bundleJob(
  store: Store,
  job: Job,
  comparison: JobComparison,
  version: string,
): Promise<Readable> {
  const expected: BundleExpected = {
    schema: 'qibench.bundle/1',
    jobId: job.id,
    qibench: version,
    workloads: job.plan.workloads,
    builds: await listBuilds(store, job.id),
    comparison,
    hosts: (await listHosts(store, comparison.hostFingerprints)).map(({ digest, fingerprint }) => ({
      digest,
      fingerprint,
    })),
  };
  const pack = tar.pack();
  pack.on('error', () => undefined); // the reader of the tar gets it
  const put = (name: string, content: Buffer | string) =>
    pipeline(
      Readable.from([Buffer.from(content)]),
      pack.entry({
        name,
        size: Buffer.byteLength(content),
        mode: 0o644,
        mtime: new Date(job.createdAt),
      }),
    );
  const fill = async () => {
    await put(BUNDLE_FILES.job, stringify(resolvedRequest(job)));
    await put(BUNDLE_FILES.expected, `${JSON.stringify(expected, null, 2)}\n`);
    const chunks = await putUploads(store, job, put);
    for (const digest of chunks) {
      const packed = await readChunk(store, digest);
      if (packed !== null) await put(`${BUNDLE_FILES.chunks}${hexOf(digest)}.gz`, packed);
    }
    pack.finalize();
  };
  fill().catch((error: Error) => pack.destroy(error));
  return Readable.from(pack as AsyncIterable<Buffer>);
}

/**
 * Puts the uploads of a job into its bundle.
 * @returns Digests of the chunks of its workloads and source trees.
 */
async function putUploads(
  store: Store,
  job: Job,
  put: (name: string, content: Buffer | string) => Promise<void>,
): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  for (const { digest, kind } of uploadsOfJob(job)) {
    const name = `${BUNDLE_FILES.uploads}${hexOf(digest)}`;
    if (kind === 'workload' || kind === 'source') {
      const upload = await findUpload(store, digest);
      if (upload === null) continue;
      const chunks = await chunksOf(store, digest);
      const manifest: WorkloadManifest = { files: upload.files, chunks };
      await put(`${name}.json`, JSON.stringify(manifest));
      for (const chunk of chunks) all.add(chunk);
      continue;
    }
    const archive = await readUploadTar(store, digest);
    if (archive !== null) await put(`${name}.tar`, archive);
  }
  return all;
}

const hexOf = (digest: string): string => digest.slice('sha256:'.length);
