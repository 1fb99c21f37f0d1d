// SPDX-License-Identifier: GPL-2.0-or-later
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

/** Packs a tar with the inputs that reproduce a job, and with its results. */
export async function bundleJob(
  store: Store,
  job: Job,
  comparison: JobComparison,
  version: string,
): Promise<Buffer> {
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
  const entry = (name: string, content: Buffer | string) =>
    pack.entry({ name, mode: 0o644, mtime: new Date(job.createdAt) }, content);
  entry(BUNDLE_FILES.job, stringify(resolvedRequest(job)));
  entry(BUNDLE_FILES.expected, `${JSON.stringify(expected, null, 2)}\n`);
  for (const { digest } of uploadsOfJob(job)) {
    const archive = await readUploadTar(store, digest);
    if (archive !== null)
      entry(`${BUNDLE_FILES.uploads}${digest.slice('sha256:'.length)}.tar`, archive);
  }
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
