import { addAbortSignal, type Readable } from 'node:stream';
import tar from 'tar-stream';
import type { Build } from '../../../services/contract/build.js';
import type { TraceSource } from '../../../services/domain/trace/trace-reader.js';
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

/** By build. */
const eventsFiles = new Map<string, EventsFile>();
/** Builds whose file is kept at hand; one is some 200 kB. */
const MAX_EVENTS_FILES = 16;

export interface OpenTraceOptions {
  /** Events that the run may record. */
  readonly names: readonly string[];
  /** Bytes of the file that are stored, at most. */
  readonly maxBytes: number;
}

/** The trace that a run left, read with the event list of the very build that wrote it. */
export async function openTrace(
  context: StepContext,
  container: string,
  build: Build,
  { names, maxBytes }: OpenTraceOptions,
): Promise<TraceSource> {
  const { text, declared } = await eventsFileOf(context, container, build);
  const wanted = new Set(names);
  // A large one takes minutes: who cancels does not wait for them, and may be earlier than the reader.
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
    16 * 1024 * 1024,
  );
  if (file === null) throw new TraceFormatError('the build has no list of events', 0);
  const text = file.content.toString('utf8');
  const found = { text, declared: eventsOf(text) };
  if (eventsFiles.size >= MAX_EVENTS_FILES) eventsFiles.clear();
  eventsFiles.set(build.key, found);
  return found;
}

/** A build that uploaded code was in can have left anything there. */
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

/** The bytes of the one regular file of a tar, as they arrive. The file was there, and empty, before the run. */
async function* firstFile(stream: Readable): AsyncGenerator<Uint8Array> {
  const extract = tar.extract();
  stream.on('error', (error) => extract.destroy(error));
  if (stream.errored !== null) throw stream.errored;
  stream.pipe(extract);
  for await (const entry of extract) {
    if (entry.header.type === 'file' && entry.header.size === 0)
      throw new TraceFormatError(`the run left no ${RUN_PATHS.trace}`, 0);
    if (entry.header.type === 'file') yield* entry as AsyncIterable<Uint8Array>;
    else entry.resume();
  }
}
