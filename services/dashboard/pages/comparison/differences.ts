// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job } from '#contract/job.js';
import type { PlannedSide } from '#contract/side.js';
import { sourceWords } from '#contract/source-words.js';
import { shortDigest } from '../../format/digest.js';
import { invocationWords } from '../../format/invocation.js';

/** One property in which two jobs differ. */
export interface Difference {
  readonly what: string;
  readonly here: string;
  readonly there: string;
}

type Measured = Pick<Job, 'plan' | 'request'> & { readonly hosts: readonly string[] };

const uploadText = (digest: string | null) => (digest === null ? 'none' : shortDigest(digest));

/**
 * Returns the differences of two jobs that can change a number, other than the one to be measured.
 */
export function differences(here: Measured, there: Measured): Difference[] {
  const [a, b] = [headOf(here), headOf(there)];
  const pairs: [string, string, string][] = [
    [
      'Host',
      here.hosts.map(shortDigest).join(', ') || 'none',
      there.hosts.map(shortDigest).join(', ') || 'none',
    ],
    ['QEMU', `${a.qemu.version} ${a.qemu.target}`, `${b.qemu.version} ${b.qemu.target}`],
    ['Source', sourceText(a), sourceText(b)],
    ['Patches', uploadText(a.qemu.patches), uploadText(b.qemu.patches)],
    ['Configure options', wordsOf(a.qemu.configure), wordsOf(b.qemu.configure)],
    ['Events', a.events.join(', ') || 'none', b.events.join(', ') || 'none'],
    ['Instrumentation', uploadText(a.instrumentation), uploadText(b.instrumentation)],
    ['Arguments', wordsOf(here.request.arguments), wordsOf(there.request.arguments)],
    ["QEMU's arguments", qemuWords(here), qemuWords(there)],
    ['Blocks', blocksOf(here), blocksOf(there)],
  ];
  return pairs
    .filter(([, here, other]) => here !== other)
    .map(([what, here, other]) => ({ what, here, there: other }));
}

function sourceText({ qemu: { source } }: PlannedSide): string {
  return source === undefined ? "Debian's package" : sourceWords(source);
}

function wordsOf(words: readonly string[] = []): string {
  return words.join(', ') || 'none';
}

function qemuWords({ request }: Measured): string {
  return wordsOf(invocationWords(request.qemu));
}

function blocksOf({ plan: { blocks, withinSeconds } }: Measured): string {
  return withinSeconds === null ? String(blocks) : 'until decided';
}

/** Returns whether two jobs were measured on one and the same host. */
export function sameHost(here: readonly string[], there: readonly string[]): boolean {
  return here.length === 1 && there.length === 1 && here[0] === there[0];
}

/** Jobs stored before sides existed have the head side that they request. */
function headOf({ plan, request }: Measured): PlannedSide {
  return (
    plan.sides?.head ?? {
      qemu: {
        version: request.qemu.version,
        target: request.qemu.target,
        patches: request.qemu.patches ?? null,
      },
      events: plan.events,
      instrumentation: request.instrumentation ?? null,
    }
  );
}
