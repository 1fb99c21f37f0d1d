// SPDX-License-Identifier: GPL-2.0-or-later
import { parse } from 'yaml';
import type { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import type { JobFile, JobRequest } from '#contract/job.js';
import type { Baseline } from '#contract/side.js';
import type { QemuSource } from '#contract/source.js';
import {
  isShipped,
  variantName,
  type VariantInFile,
  type VariantRequest,
} from '#contract/variant.js';

/** Uploads the folder that a field of a file names, and returns its digest. A digest stays. */
export type Uploader = (field: string, name: string) => Promise<string>;

/**
 * Parses a YAML text and validates it by a schema.
 * @throws {BAD_JOB_FILE} It is invalid; the details name every field and rule.
 */
export function parseYaml<T extends z.ZodType>(text: string, file: string, schema: T): z.infer<T> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new QibenchError(
      'BAD_JOB_FILE',
      { file, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(({ path, message }) => ({
    path: path.join('.') || '(file)',
    message,
  }));
  throw new QibenchError('BAD_JOB_FILE', { file, reason: summaryOf(details) }, { details });
}

/** Returns the first broken rule and the number of the others. */
function summaryOf([first, ...others]: readonly { path: string; message: string }[]): string {
  return `${first!.path}: ${first!.message}${others.length === 0 ? '' : `; and ${others.length} more`}`;
}

/** Converts a job file to the body of `POST /v1/jobs`: replaces its folders by digests. */
export async function withUploads(
  { instrumentation, variants, workloads, qemu, baseline, ...request }: JobFile,
  uploaded: Uploader,
): Promise<JobRequest> {
  return {
    ...request,
    qemu: {
      ...qemu,
      ...(qemu.source === undefined
        ? {}
        : { source: await uploadedSource(qemu.source, 'qemu.source', uploaded) }),
      ...(qemu.patches === undefined
        ? {}
        : { patches: await uploaded('qemu.patches', qemu.patches) }),
    },
    ...(instrumentation === undefined
      ? {}
      : { instrumentation: await uploaded('instrumentation', instrumentation) }),
    ...(baseline === undefined ? {} : { baseline: await uploadedBaseline(baseline, uploaded) }),
    variants: await Promise.all(
      variants.map((variant, index) =>
        typeof variant === 'string'
          ? variant
          : uploadedVariant(variant, `variants.${index}`, uploaded),
      ),
    ),
    workloads: await uploadedWorkloads(workloads, uploaded),
  };
}

/** Replaces the folders of a variant by digests. */
async function uploadedVariant(
  { plugin, instrumentation, ...variant }: Exclude<VariantInFile, string>,
  field: string,
  uploaded: Uploader,
): Promise<VariantRequest> {
  return {
    ...variant,
    ...(plugin === undefined
      ? {}
      : { plugin: isShipped(plugin) ? plugin : await uploaded(`${field}.plugin`, plugin) }),
    ...(instrumentation === undefined
      ? {}
      : { instrumentation: await uploaded(`${field}.instrumentation`, instrumentation) }),
  };
}

/** Returns the instrumentations that variants of a job file have of their own, by variant. */
export function ownInstrumentations({ variants }: Pick<JobFile, 'variants'>): Map<string, string> {
  return new Map(
    variants.flatMap((variant) =>
      typeof variant === 'string' || variant.instrumentation === undefined
        ? []
        : [[variantName(variant), variant.instrumentation] as const],
    ),
  );
}

/** Replaces the folders of workloads by digests, one after the other, since they are large. */
async function uploadedWorkloads(
  workloads: JobFile['workloads'],
  uploaded: Uploader,
): Promise<JobRequest['workloads']> {
  const digests = new Map<string, string>();
  const request: JobRequest['workloads'] = [];
  for (const [index, workload] of workloads.entries()) {
    const { from } = workload;
    if (from !== undefined && !digests.has(from))
      digests.set(from, await uploaded(`workloads.${index}.from`, from));
    request.push(from === undefined ? workload : { ...workload, from: digests.get(from)! });
  }
  return request;
}

/** Replaces the folders of a baseline by digests. */
async function uploadedBaseline(
  baseline: NonNullable<JobFile['baseline']>,
  uploaded: Uploader,
): Promise<Baseline> {
  if (baseline === 'same') return baseline;
  const { source, patches, instrumentation, instrumentations, ...rest } = baseline;
  return {
    ...rest,
    ...(source === undefined
      ? {}
      : {
          source:
            source === null ? null : await uploadedSource(source, 'baseline.source', uploaded),
        }),
    ...(patches === undefined
      ? {}
      : { patches: patches === null ? null : await uploaded('baseline.patches', patches) }),
    ...(instrumentation === undefined
      ? {}
      : { instrumentation: await uploaded('baseline.instrumentation', instrumentation) }),
    ...(instrumentations === undefined
      ? {}
      : { instrumentations: await uploadedByName(instrumentations, uploaded) }),
  };
}

/** Replaces the tar of a source by its digest. */
async function uploadedSource(
  source: QemuSource,
  field: string,
  uploaded: Uploader,
): Promise<QemuSource> {
  return source.upload === undefined
    ? source
    : { ...source, upload: await uploaded(`${field}.upload`, source.upload) };
}

async function uploadedByName(
  folders: Readonly<Record<string, string>>,
  uploaded: Uploader,
): Promise<Record<string, string>> {
  const entries = Object.entries(folders).map(
    async ([name, folder]) =>
      [name, await uploaded(`baseline.instrumentations.${name}`, folder)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
