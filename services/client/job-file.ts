// SPDX-License-Identifier: GPL-2.0-or-later
import { parse } from 'yaml';
import type { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import type { JobFile, JobRequest } from '#contract/job.js';
import type { Baseline } from '#contract/side.js';
import { isShipped } from '#contract/variant.js';

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
  { instrumentation, variants, qemu, baseline, ...request }: JobFile,
  uploaded: Uploader,
): Promise<JobRequest> {
  return {
    ...request,
    qemu: {
      ...qemu,
      ...(qemu.patches === undefined
        ? {}
        : { patches: await uploaded('qemu.patches', qemu.patches) }),
    },
    ...(instrumentation === undefined
      ? {}
      : { instrumentation: await uploaded('instrumentation', instrumentation) }),
    ...(baseline === undefined ? {} : { baseline: await uploadedBaseline(baseline, uploaded) }),
    variants: await Promise.all(
      variants.map(async (variant, index) => {
        if (
          typeof variant === 'string' ||
          variant.plugin === undefined ||
          isShipped(variant.plugin)
        )
          return variant;
        return { ...variant, plugin: await uploaded(`variants.${index}.plugin`, variant.plugin) };
      }),
    ),
  };
}

/** Replaces the folders of a baseline by digests. */
async function uploadedBaseline(
  baseline: NonNullable<JobFile['baseline']>,
  uploaded: Uploader,
): Promise<Baseline> {
  if (baseline === 'same') return baseline;
  const { patches, instrumentation, ...rest } = baseline;
  return {
    ...rest,
    ...(patches === undefined
      ? {}
      : { patches: patches === null ? null : await uploaded('baseline.patches', patches) }),
    ...(instrumentation === undefined
      ? {}
      : { instrumentation: await uploaded('baseline.instrumentation', instrumentation) }),
  };
}
