import { z } from 'zod';
import { QibenchError } from '../contract/error.js';
import type { ImportFormat } from '../contract/format.js';
import { IMPORT_LIMITS, type ImportedResult } from '../contract/import.js';
import { storable } from '../contract/project.js';

/** A number that JSON can hold. */
export const Finite = z.number();
/** The name of a benchmark, as other tools allow it: anything, but not without end. */
export const Name = storable(z.string().min(1).max(IMPORT_LIMITS.nameLength));

/** A rule of a format that a document breaks, at a place in it. */
export class BrokenRule extends Error {
  constructor(
    readonly path: readonly PropertyKey[],
    readonly rule: string,
  ) {
    super(rule);
  }
}

/** The document as its schema has it; throws BrokenRule with the first rule that it breaks. */
export function parsed<S extends z.ZodType>(schema: S, document: unknown): z.infer<S> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new BrokenRule(path, message);
}

/** Results with the place of each, none of them twice and not too many. */
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
        `"${result.benchmark}" has been named before; which of the two is meant?`,
      );
    seen.add(key);
    return result;
  });
}

/** A broken rule as an error of the catalogue; other errors as they are. */
export function refusal(error: unknown, format: ImportFormat, hint: string): unknown {
  if (!(error instanceof BrokenRule)) return error;
  const path = error.path.map(String).join('.') || '(document)';
  return new QibenchError(
    'BAD_IMPORT',
    { format, path, rule: error.rule, hint },
    { details: [{ path, message: error.rule }] },
  );
}
