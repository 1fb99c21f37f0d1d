// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import type { ImportFormat } from '#contract/format.js';
import { IMPORT_LIMITS, type ImportedResult } from '#contract/import.js';
import { storable } from '#contract/project.js';

/** A number that JSON can hold. */
export const Finite = z.number();
/** The name of a benchmark: any text of limited length, as other tools allow. */
export const Name = storable(z.string().min(1).max(IMPORT_LIMITS.nameLength));

/** A broken rule of a format, with its place in the document. */
export class BrokenRule extends Error {
  constructor(
    readonly path: readonly PropertyKey[],
    readonly rule: string,
  ) {
    super(rule);
  }
}

/**
 * Parses a document by its schema.
 * @throws {BrokenRule} The first rule that the document breaks.
 */
export function parsed<S extends z.ZodType>(schema: S, document: unknown): z.infer<S> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new BrokenRule(path, message);
}

/**
 * Checks that results are unique and within the limits, and removes their paths.
 * @throws {BrokenRule} A result appears twice, or the document has no result or too many.
 */
export function unique(
  results: readonly (ImportedResult & { readonly path: readonly PropertyKey[] })[],
): ImportedResult[] {
  if (results.length === 0) throw new BrokenRule([], 'has no result');
  if (results.length > IMPORT_LIMITS.results)
    throw new BrokenRule([], `has more than ${IMPORT_LIMITS.results} results`);
  if (results.reduce((sum, { samples }) => sum + (samples?.length ?? 0), 0) > IMPORT_LIMITS.samples)
    throw new BrokenRule([], `has more than ${IMPORT_LIMITS.samples} samples`);
  const seen = new Set<string>();
  return results.map(({ path, ...result }) => {
    const key = JSON.stringify([result.benchmark, result.metric]);
    if (seen.has(key))
      throw new BrokenRule(
        path,
        `"${result.benchmark}" appears twice with the metric "${result.metric}"`,
      );
    seen.add(key);
    return result;
  });
}

/** Turns a broken rule into BAD_IMPORT; returns other errors unchanged. */
export function refusal(error: unknown, format: ImportFormat, hint: string): unknown {
  if (!(error instanceof BrokenRule)) return error;
  const path = error.path.map(String).join('.') || '(document)';
  return new QibenchError(
    'BAD_IMPORT',
    { format, path, rule: error.rule, hint },
    { details: [{ path, message: error.rule }] },
  );
}
