import type { Direction } from '../contract/comparison.js';
import { IMPORT_FORMATS, type ExportFormat, type ImportFormat } from '../contract/format.js';
import type { ImportedResult } from '../contract/import.js';
import type { MetricDefinition } from '../contract/metric.js';
import { readBmf, writeBmf } from './bmf.js';
import { writeCsv } from './csv.js';
import {
  readCustomSmallerIsBetter,
  writeCustomSmallerIsBetter,
} from './custom-smaller-is-better.js';
import { readGoogleBenchmark, writeGoogleBenchmark } from './google-benchmark.js';
import { readHyperfine, writeHyperfine } from './hyperfine.js';
import { writeJunit } from './junit.js';
import { writeNdjson } from './ndjson.js';
import { refusal } from './reading.js';
import { writeChromeTrace } from './trace-chrome.js';
import { writeTraceCsv } from './trace-csv.js';
import { writeTraceNdjson } from './trace-ndjson.js';

/** Formats that hold samples; they are written as a stream. */
export const SAMPLE_WRITERS = { csv: writeCsv, ndjson: writeNdjson } as const;

/** Formats of trace records; they are written as a stream. */
export const TRACE_WRITERS = {
  chrome: writeChromeTrace,
  csv: writeTraceCsv,
  ndjson: writeTraceNdjson,
} as const;

/** Formats that hold a job's results. */
export const REPORT_WRITERS = {
  hyperfine: writeHyperfine,
  bmf: writeBmf,
  'custom-smaller-is-better': writeCustomSmallerIsBetter,
  'google-benchmark': writeGoogleBenchmark,
  junit: writeJunit,
} as const;

export const isSampleFormat = (format: ExportFormat): format is keyof typeof SAMPLE_WRITERS =>
  format in SAMPLE_WRITERS;

const READERS: Readonly<
  Record<
    ImportFormat,
    (
      document: unknown,
      direction?: Direction,
      declared?: readonly MetricDefinition[],
    ) => ImportedResult[]
  >
> = {
  hyperfine: readHyperfine,
  bmf: readBmf,
  'custom-smaller-is-better': readCustomSmallerIsBetter,
  'google-benchmark': readGoogleBenchmark,
};

/**
 * The results of a document that is said to be of a format.
 *
 * @param direction for formats that do not say it
 * @param declared metrics that workloads declare: their unit and direction are known
 * @throws QibenchError BAD_IMPORT with the place and the rule, and with the format that the document looks like
 */
export function readDocument(
  format: ImportFormat,
  document: unknown,
  direction?: Direction,
  declared: readonly MetricDefinition[] = [],
): ImportedResult[] {
  try {
    return READERS[format](document, direction, declared);
  } catch (error) {
    const other = IMPORT_FORMATS.find((name) => name !== format && reads(name, document));
    throw refusal(error, format, other === undefined ? '' : `; it looks like ${other}`);
  }
}

function reads(format: ImportFormat, document: unknown): boolean {
  try {
    READERS[format](document, 'smaller-is-better');
    return true;
  } catch {
    return false;
  }
}
