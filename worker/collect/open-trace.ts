import type { Readable } from 'node:stream';
import tar from 'tar-stream';
import type { Build } from '../../services/contract/build.js';
import type { TraceReader } from '../../services/domain/trace-batch.js';
import type { BuildContext } from '../build/context.js';
import { fileFromTar } from '../build/tar.js';
import { RUN_PATHS } from '../run/command.js';
import { TraceFormatError, readSimpleTrace } from './simpletrace.js';
import { parseTraceEvents, type DeclaredEvent } from './trace-events.js';

const declaredEvents = new Map<string, readonly DeclaredEvent[]>();

/** The trace that a run left, read with the event list of the very build that wrote it. */
export async function openTrace(context: BuildContext, container: string, build: Build, names: readonly string[]): Promise<TraceReader> {
  let events = declaredEvents.get(build.key);
  if (events === undefined) {
    const file = await fileFromTar(await context.backend.copyOut(container, '/opt/qemu/share/qemu/trace-events-all'), 'trace-events-all', 16 * 1024 * 1024);
    if (file === null) throw new TraceFormatError('the build has no list of events', 0);
    events = eventsOf(file.content.toString('utf8'));
    declaredEvents.set(build.key, events);
  }
  const wanted = new Set(names);
  const file = await context.backend.copyOut(container, RUN_PATHS.trace);
  return readSimpleTrace(firstFile(file), events.filter(({ name }) => wanted.has(name)));
}

/** A build that uploaded code was in can have left anything there. */
function eventsOf(text: string): readonly DeclaredEvent[] {
  try {
    return parseTraceEvents(text);
  } catch (error) {
    throw new TraceFormatError(`the build's list of events is damaged: ${error instanceof Error ? error.message : String(error)}`, 0);
  }
}

/** The bytes of the one regular file of a tar, as they arrive. The file was there, and empty, before the run. */
async function* firstFile(stream: Readable): AsyncGenerator<Uint8Array> {
  const extract = tar.extract();
  stream.on('error', (error) => extract.destroy(error));
  stream.pipe(extract);
  for await (const entry of extract) {
    if (entry.header.type === 'file' && entry.header.size === 0) throw new TraceFormatError(`the run left no ${RUN_PATHS.trace}`, 0);
    if (entry.header.type === 'file') yield* entry as AsyncIterable<Uint8Array>;
    else entry.resume();
  }
}
