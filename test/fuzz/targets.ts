// SPDX-License-Identifier: GPL-2.0-or-later
import type { Target } from './target.js';
import { bundle, containerTar, uploadArchive } from './targets/archive.js';
import { imports, jobFile, jobRequest } from './targets/documents.js';
import { folderLinks, textFile } from './targets/folder.js';
import {
  callgrind,
  compilerMessages,
  demultiplex,
  metricLine,
  patch,
  runOutput,
  runnerResult,
} from './targets/output.js';
import { backup, eventStream, githubDelivery } from './targets/service.js';
import { simpletrace, traceEvents } from './targets/trace.js';
import { workloadChunk, workloadFile, workloadManifest } from './targets/workload.js';

/** Every parser of untrusted bytes. */
export const TARGETS: readonly Target[] = [
  uploadArchive,
  folderLinks,
  textFile,
  bundle,
  containerTar,
  backup,
  githubDelivery,
  eventStream,
  simpletrace,
  traceEvents,
  runOutput,
  metricLine,
  callgrind,
  runnerResult,
  compilerMessages,
  patch,
  demultiplex,
  jobRequest,
  jobFile,
  workloadFile,
  workloadManifest,
  workloadChunk,
  ...imports,
];
