import type { Target } from './target.js';
import { bundle, uploadArchive } from './targets/archive.js';
import { imports, jobFile, jobRequest } from './targets/documents.js';
import { callgrind, compilerMessages, demultiplex, metricLine, patch, runOutput, runnerResult } from './targets/output.js';
import { simpletrace, traceEvents } from './targets/trace.js';

/** Every parser of bytes that are not ours. */
export const TARGETS: readonly Target[] = [uploadArchive, bundle, simpletrace, traceEvents, runOutput, metricLine, callgrind, runnerResult, compilerMessages, patch, demultiplex, jobRequest, jobFile, ...imports];
