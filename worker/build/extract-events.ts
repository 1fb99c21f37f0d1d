// SPDX-License-Identifier: GPL-2.0-or-later
// Writes qemu/events/<version>.json from that version's trees, which it builds if needed:
//   npm run events -- <version>
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TargetKind, TARGETS, type TraceEvent } from '#contract/qemu.js';
import { dockerBackend } from '../engine/docker.js';
import { seccompProfiles } from '../engine/seccomp.js';
import { parseTraceEvents, type DeclaredEvent } from '../measure/trace/trace-events.js';
import { ensureToolchain } from './images.js';
import { ensureSource } from './source.js';
import { readVersions } from './versions.js';
import { lockFolderOfHost } from '../host/lock.js';
import { BUILDER, BUILD_LIMITS, PATHS, type StepContext } from '../step-context.js';
import { runScript, openContainer } from './script.js';
import { ensureTree } from './tree.js';

/** Prints the tree's merged event list, then every file that it may have been merged from. */
const LIST = `
cat ${PATHS.build}/trace/trace-events-all
cd /qemu/src
find . -path ./.pc -prune -o -name trace-events -printf '%h\\n' | sort | while read -r folder; do
    echo "QIBENCH-FOLDER $folder"
    cat "$folder/trace-events"
done
`;

/**
 * Returns the events of one version: where each is declared and which kinds of emulators have it.
 */
export async function extractEvents(context: StepContext, version: string): Promise<TraceEvent[]> {
  const entry = (await readVersions(context.rootDir))[version];
  if (entry === undefined) throw new Error(`qemu/versions.json has no version ${version}`);
  const toolchain = await ensureToolchain(context, entry);
  const source = await ensureSource(context, version, entry, toolchain);
  const events = new Map<string, TraceEvent>();
  for (const kind of TargetKind.options) {
    const target = TARGETS.find(
      (candidate) => candidate.endsWith(`-${kind}`) && entry.configure[candidate] !== undefined,
    );
    if (target === undefined) continue;
    const tree = await ensureTree(
      context,
      { version, entry, source, toolchain, target, backends: ['log'] },
      'none',
    );
    const { merged, folders } = await list(context, tree.tag);
    for (const { name, arguments: parameters, properties } of merged) {
      const event = events.get(name) ?? {
        name,
        directory: folders.get(name) ?? 'qapi',
        arguments: [...parameters],
        properties: [...properties],
        kinds: [],
      };
      if (!event.kinds.includes(kind)) event.kinds.push(kind);
      events.set(name, event);
    }
  }
  return [...events.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function list(
  context: StepContext,
  image: string,
): Promise<{ merged: DeclaredEvent[]; folders: Map<string, string> }> {
  const spec = {
    image,
    command: ['sh', '-ec', LIST],
    user: BUILDER,
    network: 'none' as const,
    limits: context.limits.small,
  };
  const text: string[] = [];
  const quiet = {
    ...context,
    progress: { ...context.progress, log: (_: unknown, chunk: string) => void text.push(chunk) },
  };
  await using container = await openContainer(quiet, spec);
  const { exitStatus } = await runScript(quiet, container.id, {
    step: 'tree',
    what: 'events',
    limits: context.limits.small,
    uploaded: null,
  });
  if (exitStatus !== 0) throw new Error(`the list of events of ${image} cannot be read`);
  const [merged, ...files] = text.join('').split(/^QIBENCH-FOLDER /m);
  const folders = new Map<string, string>();
  for (const file of files) {
    const end = file.indexOf('\n');
    const folder = file.slice(0, end).replace(/^\.\/?/, '');
    for (const { name } of parseTraceEvents(file.slice(end + 1)))
      if (!folders.has(name)) folders.set(name, folder);
  }
  return { merged: parseTraceEvents(merged!), folders };
}

if (process.argv[1]?.endsWith('extract-events.js')) {
  const version = process.argv[2] ?? '';
  const rootDir = process.cwd();
  const say = (_: unknown, what: string) => void process.stderr.write(`${what}\n`);
  const progress = {
    started: say,
    advanced: () => undefined,
    finished: () => undefined,
    log: () => undefined,
    truncated: () => undefined,
  };
  const context = {
    backend: dockerBackend({ runtime: null, seccomp: seccompProfiles(rootDir) }),
    rootDir,
    progress,
    signal: new AbortController().signal,
    labels: {},
    limits: BUILD_LIMITS,
    lockFolder: lockFolderOfHost(null),
  };
  const events = await extractEvents(context, version);
  await writeFile(
    join(rootDir, 'qemu/events', `${version}.json`),
    `[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]\n`,
  );
}
