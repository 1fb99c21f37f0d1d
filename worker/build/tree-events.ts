// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { EventName, targetKind, type Target, type TraceEvent } from '#contract/qemu.js';
import { parseTraceEvents } from '../measure/trace/trace-events.js';
import { BUILDER, PATHS, type StepContext } from '../step-context.js';
import { openContainer } from './script.js';
import { fileFromTar } from './tar.js';

const LIST = 'trace-events-all';
/**
 * QEMU 10.2 has 6,100 events in 0.8 MB. A pattern may choose all of them, for each variant, and every
 * answer about the job has its plan.
 */
const LIMITS = { bytes: 2 * 1024 * 1024, events: 10_000 };

/**
 * Returns the events of a tree's emulator, as its build merged them. The tree may be hostile.
 *
 * @param what Name of the source, for errors.
 * @throws {SOURCE_REFUSED} The list is missing or malformed.
 */
export async function treeEvents(
  context: StepContext,
  image: string,
  target: Target,
  what: string,
): Promise<TraceEvent[]> {
  const refuse = (reason: string) =>
    new QibenchError('SOURCE_REFUSED', { source: what, reason: `its list of events ${reason}` });
  await using container = await openContainer(context, {
    image,
    command: ['true'],
    user: BUILDER,
    network: 'none',
    limits: context.limits.small,
  });
  const copied = await context.backend.copyOut(container.id, `${PATHS.build}/trace/${LIST}`);
  const file = await fileFromTar(copied, LIST, LIMITS.bytes);
  if (file === null) throw refuse('is not a regular file');
  const kinds = [targetKind(target)];
  try {
    const events = parseTraceEvents(file.content.toString());
    if (events.length > LIMITS.events) throw refuse(`has more than ${LIMITS.events} events`);
    return events.map(({ name, arguments: parameters, properties }) => ({
      name: EventName.parse(name),
      directory: '',
      arguments: [...parameters],
      properties: [...properties],
      kinds,
    }));
  } catch (error) {
    if (error instanceof QibenchError) throw error;
    throw refuse(`cannot be read: ${(error as Error).message.slice(0, 200)}`);
  }
}
