// SPDX-License-Identifier: GPL-2.0-or-later
import { addAbortSignal, type Readable } from 'node:stream';
import tar from 'tar-stream';
import type { Build } from '#contract/build.js';
import type { TraceSource } from '#domain/trace/trace-reader.js';
import type { StepContext } from '../../step-context.js';
import { fileFromTar } from '../../build/tar.js';
import { RUN_PATHS } from '../command.js';
import { TraceFormatError } from './simpletrace/format.js';
import { readTraceInThread } from './simpletrace/read-trace.js';
import { parseTraceEvents, type DeclaredEvent } from './trace-events.js';

interface EventsFile {
  readonly text: string;
  readonly declared: readonly DeclaredEvent[];
}

/** Cached events files, keyed by build. */
const eventsFiles = new Map<string, EventsFile>();
/** Limit for cached events files; each has about 200 kB. */
const MAX_EVENTS_FILES = 16;
/** Limit of an events file: every request for an event's format reads all of it. */
const EVENTS_FILE_BYTES = 2 * 1024 * 1024;

/** Options for reading a trace. */
export interface OpenTraceOptions {
  /** Events that the run may record. */
  readonly names: readonly string[];
  /** Stored bytes of the file, at most. */
  readonly maxBytes: number;
}

/** Opens the trace of a run, to be read with the event list of the build that wrote it. */
export async function openTrace(
  context: StepContext,
  container: string,
  build: Build,
  { names, maxBytes }: OpenTraceOptions,
): Promise<TraceSource> {
  const { text, declared } = await eventsFileOf(context, container, build);
  const wanted = new Set(names);
  // A large trace takes minutes, so cancelling ends the stream. It may do so before the reader
  // starts, hence the error handler.
  const archive = addAbortSignal(
    context.signal,
    await context.backend.copyOut(container, RUN_PATHS.trace),
  ).on('error', () => undefined);
  const file = firstFile(archive);
  return {
    reader: readTraceInThread(file, {
      events: declared.filter(({ name }) => wanted.has(name)),
      maxBytes,
    }),
    eventsFile: text,
  };
}

async function eventsFileOf(
  context: StepContext,
  container: string,
  build: Build,
): Promise<EventsFile> {
  const known = eventsFiles.get(build.key);
  if (known !== undefined) return known;
  const file = await fileFromTar(
    await context.backend.copyOut(container, '/opt/qemu/share/qemu/trace-events-all'),
    'trace-events-all',
    EVENTS_FILE_BYTES,
  );
  if (file === null) throw new TraceFormatError('the build has no list of events', 0);
  const text = file.content.toString('utf8');
  const found = { text, declared: eventsOf(text) };
  if (eventsFiles.size >= MAX_EVENTS_FILES) eventsFiles.clear();
  eventsFiles.set(build.key, found);
  return found;
}

/** Parses a build's list of events. It is hostile if the build contained uploaded code. */
function eventsOf(text: string): readonly DeclaredEvent[] {
  try {
    return parseTraceEvents(text);
  } catch (error) {
    throw new TraceFormatError(
      `the build's list of events is damaged: ${error instanceof Error ? error.message : String(error)}`,
      0,
    );
  }
}

/**
 * Returns the bytes of a tar's only regular file, as they arrive. The file existed before the run,
 * empty.
 */
async function* firstFile(stream: Readable): AsyncGenerator<Uint8Array> {
  const extract = tar.extract();
  stream.on('error', (error) => extract.destroy(error));
  if (stream.errored !== null) throw stream.errored;
  stream.pipe(extract);
  for await (const entry of extract) {
    if (entry.header.type === 'file' && entry.header.size === 0)
      throw new TraceFormatError(`the run did not write ${RUN_PATHS.trace}`, 0);
    if (entry.header.type === 'file') yield* entry as AsyncIterable<Uint8Array>;
    else entry.resume();
  }
}
