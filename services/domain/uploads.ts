// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job, JobRequest } from '#contract/job.js';
import type { PinnedSource } from '#contract/source.js';
import type { UploadKind } from '#contract/upload.js';
import { isShipped } from '#contract/variant.js';
import { sidesOf } from './plan-sides.js';

/** An upload that a job needs. */
export interface NamedUpload {
  /** Path of the field that names it. */
  readonly field: string;
  readonly digest: string;
  readonly kind: UploadKind;
}

/** Returns the uploads that a request names. */
export function uploadsOf(request: JobRequest): NamedUpload[] {
  const { instrumentation, variants, workloads, qemu, baseline } = request;
  const base = baseline === undefined || baseline === 'same' ? {} : baseline;
  const ofVariants = variants.flatMap((variant, index) => {
    if (typeof variant === 'string') return [];
    const { plugin = null, instrumentation: own } = variant;
    return [
      ...(isShipped(plugin) ? [] : optional(`variants.${index}.plugin`, plugin, 'code')),
      ...optional(`variants.${index}.instrumentation`, own, 'code'),
    ];
  });
  return [
    ...optional('instrumentation', instrumentation, 'code'),
    ...optional('qemu.source.upload', qemu.source?.upload, 'source'),
    ...optional('qemu.patches', qemu.patches, 'patches'),
    ...ofVariants,
    ...workloads.flatMap(({ from }, index) =>
      optional(`workloads.${index}.from`, from, 'workload'),
    ),
    ...optional('baseline.instrumentation', base.instrumentation, 'code'),
    ...optional('baseline.source.upload', base.source?.upload, 'source'),
    ...optional('baseline.patches', base.patches, 'patches'),
    ...Object.entries(base.instrumentations ?? {}).map(([name, digest]) =>
      named(`baseline.instrumentations.${name}`, digest, 'code'),
    ),
  ];
}

/** Returns all uploads of a job, each once, including those its baseline takes from another job. */
export function uploadsOfJob(job: Pick<Job, 'plan' | 'request'>): NamedUpload[] {
  const { head, base } = sidesOf(job);
  const ofSides = [head, ...(base === null ? [] : [base])].flatMap(({ qemu, instrumentation }) => [
    ...optional('instrumentation', instrumentation, 'code'),
    ...optional('source', uploadIn(qemu.source), 'source'),
    ...optional('patches', qemu.patches, 'patches'),
  ]);
  const all = [...uploadsOf(job.request), ...ofSides];
  return [...new Map(all.map((upload) => [upload.digest, upload])).values()];
}

function uploadIn(source: PinnedSource | undefined): string | undefined {
  return source !== undefined && 'upload' in source ? source.upload : undefined;
}

function optional(
  field: string,
  digest: string | null | undefined,
  kind: UploadKind,
): NamedUpload[] {
  return digest === null || digest === undefined ? [] : [named(field, digest, kind)];
}

function named(field: string, digest: string, kind: UploadKind): NamedUpload {
  return { field, digest, kind };
}
