// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { stringify } from 'yaml';
import { BUNDLE_FILES, type BundleExpected } from '#contract/bundle.js';
import type { JobComparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import { resolvedRequest } from '#domain/resolved-request.js';
import { uploadsOfJob } from '#domain/uploads.js';
import { listBuilds } from '#store/builds.js';
import { listHosts } from '#store/hosts.js';
import type { Store } from '#store/store.js';
import { readUploadTar } from '#store/uploads.js';

/**
 * Packs a tar with the inputs that reproduce a job, and with its results. The tar is a stream, since
 * the uploads of a job may take 100 MB.
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
  const entry = async (name: string, content: Buffer) => {
    const { length: size } = content;
    const file = pack.entry({ name, size, mode: 0o644, mtime: new Date(job.createdAt) });
    await pipeline(Readable.from([content]), file);
  };
  const packing = async () => {
    await entry(BUNDLE_FILES.job, Buffer.from(stringify(resolvedRequest(job))));
    await entry(BUNDLE_FILES.expected, Buffer.from(`${JSON.stringify(expected, null, 2)}\n`));
    for (const { digest } of uploadsOfJob(job)) {
      const archive = await readUploadTar(store, digest);
      if (archive !== null)
        await entry(`${BUNDLE_FILES.uploads}${digest.slice('sha256:'.length)}.tar`, archive);
    }
    pack.finalize();
  };
  packing().catch((error: Error) => pack.destroy(error));
  return Readable.from(pack as AsyncIterable<Buffer>);
}
