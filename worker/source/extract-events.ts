// Writes qemu/events/<version>.json from an unpacked QEMU tree: node dist/worker/source/extract-events.js TREE > FILE
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { TraceEvent } from '../../services/contract/qemu.js';
import { parseTraceEvents } from '../collect/trace-events.js';

const tree = process.argv[2]!;
const build = await readFile(join(tree, 'meson.build'), 'utf8');
const listed = [...build.matchAll(/trace_events_subdirs \+?= \[([^\]]*)\]/g)].flatMap(([, list]) => [...list!.matchAll(/'([^']+)'/g)].map(([, name]) => name!));
const wanted = new Set(['', ...listed]);
const files = (await readdir(tree, { recursive: true })).filter((path) => /(^|\/)trace-events$/.test(path)).sort();
const events: TraceEvent[] = [];
for (const file of files) {
  const directory = relative('.', dirname(file));
  if (!wanted.has(directory)) continue;
  for (const { name, arguments: parameters, properties } of parseTraceEvents(await readFile(join(tree, file), 'utf8'))) {
    events.push({ name, directory, arguments: parameters.map(({ type, name: parameter }) => ({ type, name: parameter })), properties: [...properties] });
  }
}
events.sort((a, b) => (a.name < b.name ? -1 : 1));
process.stdout.write(`[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]\n`);
