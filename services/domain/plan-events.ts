// SPDX-License-Identifier: GPL-2.0-or-later
import { targetKind, type TraceEvent } from '#contract/qemu.js';
import type { PlannedSide } from '#contract/side.js';
import type { BrokenRules } from './broken-rules.js';
import { globMatcher, isGlob } from './glob.js';
import { factsOf, isOpen, type Catalogue } from './catalogue.js';
import { suggestion } from './suggest.js';

/** Number of unknown patterns that get a suggestion; looking up similar names takes time. */
const SUGGESTED_PATTERNS = 3;

/** Appended to a suggestion when the event may be one that the job's own patches add. */
const PATCHED =
  "; an event that the job's patches add cannot be selected: the list has the events of the unpatched QEMU";

interface EventsWanted {
  readonly qemu: PlannedSide['qemu'];
  readonly patterns: readonly string[];
}

/**
 * Returns the events of one QEMU that match the patterns, sorted. Of a source that is not known yet,
 * these are the names among the patterns.
 *
 * @param paths Fields of the request, for the messages of broken rules.
 */
export function planEvents(
  { qemu, patterns }: EventsWanted,
  paths: { version: string; target: string; events: string },
  catalogue: Catalogue,
  rules: BrokenRules,
): string[] {
  const { version, target } = qemu;
  const facts = factsOf(catalogue, qemu);
  const patched = qemu.patches !== null && facts === null;
  if (!Object.hasOwn(catalogue.versions, version)) {
    const supported = Object.keys(catalogue.versions).sort().join(', ');
    rules.unknown(
      'UNKNOWN_QEMU_VERSION',
      paths.version,
      { version, supported },
      `QEMU "${version}" is not supported; supported: ${supported}`,
    );
    return [];
  }
  const { targets, events: ofVersion } = catalogue.versions[version]!;
  const known = { targets, events: facts?.events ?? ofVersion };
  const built = targets.includes(target);
  if (!built) {
    rules.add(
      paths.target,
      `QEMU ${version} is not built for "${target}"; its targets: ${known.targets.join(', ')}`,
    );
  }

  if (isOpen(catalogue, qemu))
    return [...new Set(patterns.filter((pattern) => !isGlob(pattern)))].sort();

  const kind = targetKind(target);
  const available = built
    ? known.events.filter((event) => event.kinds.includes(kind))
    : known.events;
  const names = new Set(available.map((event) => event.name));
  const everywhere = new Set(known.events.map((event) => event.name));
  const enabled = new Set(
    available.filter(({ properties }) => !properties.includes('disable')).map(({ name }) => name),
  );
  const chosen = new Set<string>();
  let unknown = 0;
  for (const [index, pattern] of patterns.entries()) {
    if (rules.full) break; // the request is refused anyway
    const path = `${paths.events}.${index}`;
    const named = isGlob(pattern)
      ? namesMatching(pattern, known.events)
      : everywhere.has(pattern)
        ? [pattern]
        : [];
    const here = named.filter((name) => names.has(name));
    const matches = isGlob(pattern) ? here.filter((name) => enabled.has(name)) : here;
    for (const name of matches) chosen.add(name);
    if (matches.length > 0) continue;

    if (here.length > 0) {
      rules.add(
        path,
        `"${pattern}" matches only events that QEMU ${version} disables; name them in full to use them`,
      );
      continue;
    }
    if (named.length > 0) {
      rules.add(
        path,
        `QEMU ${version} has "${pattern}" only in emulators of other kinds than ${target}`,
      );
      continue;
    }
    unknown += 1;
    const near =
      (unknown <= SUGGESTED_PATTERNS ? suggestion(pattern.replace(/[*?]/g, ''), names) : '') +
      (patched ? PATCHED : '');
    rules.unknown(
      'UNKNOWN_EVENT',
      path,
      { version, event: pattern, suggestion: near },
      `no event of QEMU ${version} matches "${pattern}"${near}`,
    );
  }
  return [...chosen].sort();
}

function namesMatching(glob: string, events: readonly TraceEvent[]): string[] {
  const matches = globMatcher(glob);
  return events.filter(({ name }) => matches(name)).map(({ name }) => name);
}
