// SPDX-License-Identifier: GPL-2.0-or-later
import type { Direction } from '#contract/comparison.js';
import { IMPORT_FORMATS, type ExportFormat, type ImportFormat } from '#contract/format.js';
import type { ImportedResult } from '#contract/import.js';
import type { MetricDefinition } from '#contract/metric.js';
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
import { writeCollapsed } from './profile-collapsed.js';
import { writeSpeedscope } from './profile-speedscope.js';
import { refusal } from './reading.js';
import { writeChromeTrace } from './trace-chrome.js';
import { writeTraceCsv } from './trace-csv.js';
import { writeCtf } from './trace-ctf.js';
import { writeTraceLog } from './trace-log.js';
import { writeTraceNdjson } from './trace-ndjson.js';
import { writePerfettoTrace } from './trace-perfetto.js';

/** Writers of the formats that contain samples; they write a stream. */
export const SAMPLE_WRITERS = { csv: writeCsv, ndjson: writeNdjson } as const;

/** Writers of the formats for trace records; they write a stream. */
export const TRACE_WRITERS = {
  chrome: writeChromeTrace,
  ctf: writeCtf,
  csv: writeTraceCsv,
  log: writeTraceLog,
  ndjson: writeTraceNdjson,
  perfetto: writePerfettoTrace,
} as const;

/** Writers of the formats for a profile. */
export const PROFILE_WRITERS = {
  collapsed: writeCollapsed,
  speedscope: writeSpeedscope,
} as const;

/** Writers of the formats that contain a job's results. */
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
 * Reads the results from a document in a given format.
 *
 * @param direction Direction for formats that do not state it.
 * @param declared Metrics that workloads declare, with unit and direction.
 * @throws {BAD_IMPORT} The document breaks a rule; the error has the place, the rule and, if
 *   another format matches, its name.
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
